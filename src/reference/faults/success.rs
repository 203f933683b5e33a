//! Faults in the members of a created connection, as the answer shows it.

use serde_json::{Value, json};

use super::Fault;
use crate::reference::reply::Reply;
use crate::reference::stamp;

pub(super) const ROWS: &[Fault] = &[
    Fault::new("answer-id-missing", "response.id", "id is missing in the answer", |b| {
        b.on_created(|r, _| r.drop_member("id"));
    }),
    Fault::new("answer-id-null", "response.id", "id is null in the answer", |b| {
        b.on_created(|r, _| r.put("id", ()));
    }),
    Fault::new("answer-id-number", "response.id", "id is a number in the answer", |b| {
        b.on_created(|r, _| r.put("id", 7));
    }),
    Fault::new("answer-name-missing", "response.name", "name is missing in the answer", |b| {
        b.on_created(|r, _| r.drop_member("name"));
    }),
    Fault::new("answer-name-null", "response.name", "name is null in the answer", |b| {
        b.on_created(|r, _| r.put("name", ()));
    }),
    Fault::new("answer-name-number", "response.name", "name is a number in the answer", |b| {
        b.on_created(|r, _| r.put("name", 7));
    }),
    Fault::new("answer-vpc-id-missing", "response.vpc_id", "vpc_id is missing in the answer", |b| {
        b.on_created(|r, _| r.drop_member("vpc_id"));
    }),
    Fault::new("answer-vpc-id-null", "response.vpc_id", "vpc_id is null in the answer", |b| {
        b.on_created(|r, _| r.put("vpc_id", ()));
    }),
    Fault::new("answer-vpc-id-number", "response.vpc_id", "vpc_id is a number in the answer", |b| {
        b.on_created(|r, _| r.put("vpc_id", 7));
    }),
    Fault::new("answer-subnet-id-missing", "response.subnet_id", "subnet_id is missing in the answer", |b| {
        b.on_created(|r, _| r.drop_member("subnet_id"));
    }),
    Fault::new("answer-subnet-id-null", "response.subnet_id", "subnet_id is null in the answer", |b| {
        b.on_created(|r, _| r.put("subnet_id", ()));
    }),
    Fault::new("answer-subnet-id-number", "response.subnet_id", "subnet_id is a number in the answer", |b| {
        b.on_created(|r, _| r.put("subnet_id", 7));
    }),
    Fault::new("answer-id-empty", "response.id", "id is empty in the answer", |b| {
        b.on_created(|r, _| r.put("id", ""));
    }),
    Fault::new("answer-id-object", "response.id", "id is an object in the answer", |b| {
        b.on_created(|r, _| r.put("id", json!({ "value": "x" })));
    }),
    Fault::new("answer-id-renamed", "response.id", "the answer has connection_id in place of id", |b| {
        b.on_created(|r, _| rename(r, "id", "connection_id"));
    }),
    Fault::new("answer-name-array", "response.name", "name is an array in the answer", |b| {
        b.on_created(|r, _| r.put("name", json!(["name"])));
    }),
    Fault::new("answer-vpc-id-camel", "response.vpc_id", "the answer has vpcId in place of vpc_id", |b| {
        b.on_created(|r, _| rename(r, "vpc_id", "vpcId"));
    }),
    Fault::new("answer-subnet-id-camel", "response.subnet_id", "the answer has subnetId in place of subnet_id", |b| {
        b.on_created(|r, _| rename(r, "subnet_id", "subnetId"));
    }),
    Fault::new("answer-vpc-id-empty", "response.vpc_id-echo", "vpc_id comes back empty", |b| {
        b.on_created(|r, _| r.put("vpc_id", ""));
    }),
    Fault::new("answer-vpc-id-other", "response.vpc_id-echo", "vpc_id comes back as another one", |b| {
        b.on_created(|r, _| r.put("vpc_id", stamp::uuid()));
    }),
    Fault::new("answer-vpc-id-cut", "response.vpc_id-echo", "vpc_id comes back with 35 characters at most", |b| {
        b.on_created(|r, _| respell(r, "vpc_id", |text| text.chars().take(35).collect()));
    }),
    Fault::new("answer-subnet-id-empty", "response.subnet_id-echo", "subnet_id comes back empty", |b| {
        b.on_created(|r, _| r.put("subnet_id", ""));
    }),
    Fault::new("answer-subnet-id-other", "response.subnet_id-echo", "subnet_id comes back as another one", |b| {
        b.on_created(|r, _| r.put("subnet_id", stamp::uuid()));
    }),
    Fault::new(
        "answer-subnet-id-cut",
        "response.subnet_id-echo",
        "subnet_id comes back with 35 characters at most",
        |b| {
            b.on_created(|r, _| respell(r, "subnet_id", |text| text.chars().take(35).collect()));
        },
    ),
    Fault::new("answer-ids-swapped", "response.vpc_id-echo", "vpc_id and subnet_id come back as each other", |b| {
        b.on_created(|r, _| swap(r, "vpc_id", "subnet_id"));
    }),
    Fault::new(
        "answer-subnet-id-is-vpc-id",
        "response.subnet_id-echo",
        "the vpc_id comes back as subnet_id as well",
        |b| {
            b.on_created(|r, _| {
                let id = r.members().get("vpc_id").cloned();
                r.put("subnet_id", id);
            });
        },
    ),
    Fault::new("answer-name-upper-cased", "response.name-echo", "the name comes back in capitals", |b| {
        b.on_created(|r, _| respell(r, "name", |text| text.to_uppercase()));
    }),
    Fault::new("answer-name-capitalised", "response.name-echo", "the name comes back with a capital in front", |b| {
        b.on_created(|r, _| respell(r, "name", capitalised));
    }),
    Fault::new("answer-name-prefixed", "response.name-echo", "the name comes back with a prefix", |b| {
        b.on_created(|r, _| respell(r, "name", |text| format!("eg-{text}")));
    }),
    Fault::new("answer-name-cut-at-64", "response.name-echo", "the name comes back with 64 characters at most", |b| {
        b.on_created(|r, _| respell(r, "name", |text| text.chars().take(64).collect()));
    }),
    Fault::new("answer-name-loses-one", "response.name-echo", "the name comes back without its last character", |b| {
        b.on_created(|r, _| {
            respell(r, "name", |text| text.chars().rev().skip(1).collect::<Vec<_>>().into_iter().rev().collect())
        });
    }),
    Fault::new(
        "answer-name-128-loses-one",
        "response.name-echo",
        "the name comes back with 127 characters at most",
        |b| {
            b.on_created(|r, _| respell(r, "name", |text| text.chars().take(127).collect()));
        },
    ),
    Fault::new(
        "answer-name-periods-to-hyphens",
        "response.name-echo",
        "the name comes back with hyphens for periods",
        |b| {
            b.on_created(|r, _| respell(r, "name", |text| text.replace('.', "-")));
        },
    ),
    Fault::new(
        "answer-name-underscores-to-hyphens",
        "response.name-echo",
        "the name comes back with hyphens for underscores",
        |b| {
            b.on_created(|r, _| respell(r, "name", |text| text.replace('_', "-")));
        },
    ),
    Fault::new("answer-name-padded", "response.name-echo", "the name comes back with a space after it", |b| {
        b.on_created(|r, _| respell(r, "name", |text| format!("{text} ")));
    }),
    Fault::new("answer-name-reversed", "response.name-echo", "the name comes back backwards", |b| {
        b.on_created(|r, _| respell(r, "name", |text| text.chars().rev().collect()));
    }),
    Fault::new("answer-name-constant", "response.name-echo", "every name comes back as `connection`", |b| {
        b.on_created(|r, _| r.put("name", "connection"));
    }),
    Fault::new("answer-name-is-id", "response.name-echo", "the id comes back as the name", |b| {
        b.on_created(|r, _| {
            let id = r.members().get("id").cloned();
            r.put("name", id);
        });
    }),
    Fault::new("answer-status-lower-case", "response.status", "the answer has a status in lower case", |b| {
        b.on_created(|r, _| r.put("status", "creating"));
    }),
    Fault::new("answer-status-title-case", "response.status", "the answer has a status in title case", |b| {
        b.on_created(|r, _| r.put("status", "Creating"));
    }),
    Fault::new("answer-status-unlisted", "response.status", "the answer has a status that is not listed", |b| {
        b.on_created(|r, _| r.put("status", "ACTIVE"));
    }),
    Fault::new("answer-status-error", "response.status", "the answer has a status of another listing", |b| {
        b.on_created(|r, _| r.put("status", "ERROR"));
    }),
    Fault::new("answer-status-number", "response.status", "the answer has a status that is a number", |b| {
        b.on_created(|r, _| r.put("status", 0));
    }),
    Fault::new("answer-status-null", "response.status", "the answer has a status that is null", |b| {
        b.on_created(|r, _| r.put("status", ()));
    }),
    Fault::new("answer-status-empty", "response.status", "the answer has a status that is empty", |b| {
        b.on_created(|r, _| r.put("status", ""));
    }),
    Fault::new("answer-status-boolean", "response.status", "the answer has a status that is a boolean", |b| {
        b.on_created(|r, _| r.put("status", true));
    }),
    Fault::new("answer-status-padded", "response.status", "the answer has a status with a space after it", |b| {
        b.on_created(|r, _| r.put("status", "CREATING "));
    }),
    Fault::new("answer-status-hyphen", "response.status", "the answer has a status with a hyphen", |b| {
        b.on_created(|r, _| r.put("status", "CREATE-FAILED"));
    }),
    Fault::new("answer-agency-number", "response.agency", "agency is a number", |b| {
        b.on_created(|r, _| r.put("agency", 1));
    }),
    Fault::new("answer-agency-null", "response.agency", "agency is null", |b| {
        b.on_created(|r, _| r.put("agency", ()));
    }),
    Fault::new("answer-agency-object", "response.agency", "agency is an object", |b| {
        b.on_created(|r, _| r.put("agency", json!({ "name": "EG_TRUST" })));
    }),
    Fault::new("answer-agency-boolean", "response.agency", "agency is a boolean", |b| {
        b.on_created(|r, _| r.put("agency", false));
    }),
    Fault::new("answer-flavor-text", "response.flavor", "flavor is a text", |b| {
        b.on_created(|r, _| r.put("flavor", "default"));
    }),
    Fault::new("answer-flavor-null", "response.flavor", "flavor is null", |b| {
        b.on_created(|r, _| r.put("flavor", ()));
    }),
    Fault::new("answer-flavor-array", "response.flavor", "flavor is an array", |b| {
        b.on_created(|r, _| r.put("flavor", json!([{ "name": "default" }])));
    }),
    Fault::new("answer-flavor-number", "response.flavor", "flavor is a number", |b| {
        b.on_created(|r, _| r.put("flavor", 500));
    }),
    Fault::new("answer-flavor-name-number", "response.flavor-name", "the flavor's name is a number", |b| {
        b.on_created(|r, _| r.put_flavor("name", 1));
    }),
    Fault::new("answer-flavor-name-null", "response.flavor-name", "the flavor's name is null", |b| {
        b.on_created(|r, _| r.put_flavor("name", ()));
    }),
    Fault::new(
        "answer-concurrency-type-capitals",
        "response.flavor-concurrency_type",
        "the flavor's concurrency_type is in capitals",
        |b| {
            b.on_created(|r, _| r.put_flavor("concurrency_type", "EXCLUSIVE"));
        },
    ),
    Fault::new(
        "answer-concurrency-type-unlisted",
        "response.flavor-concurrency_type",
        "the flavor's concurrency_type is not listed",
        |b| {
            b.on_created(|r, _| r.put_flavor("concurrency_type", "dedicated"));
        },
    ),
    Fault::new(
        "answer-concurrency-type-null",
        "response.flavor-concurrency_type",
        "the flavor's concurrency_type is null",
        |b| {
            b.on_created(|r, _| r.put_flavor("concurrency_type", ()));
        },
    ),
    Fault::new(
        "answer-concurrency-type-number",
        "response.flavor-concurrency_type",
        "the flavor's concurrency_type is a number",
        |b| {
            b.on_created(|r, _| r.put_flavor("concurrency_type", 1));
        },
    ),
    Fault::new(
        "answer-concurrency-type-empty",
        "response.flavor-concurrency_type",
        "the flavor's concurrency_type is empty",
        |b| {
            b.on_created(|r, _| r.put_flavor("concurrency_type", ""));
        },
    ),
    Fault::new(
        "answer-bandwidth-type-capitals",
        "response.flavor-bandwidth_type",
        "the flavor's bandwidth_type is in capitals",
        |b| {
            b.on_created(|r, _| r.put_flavor("bandwidth_type", "EXCLUSIVE"));
        },
    ),
    Fault::new(
        "answer-bandwidth-type-unlisted",
        "response.flavor-bandwidth_type",
        "the flavor's bandwidth_type is not listed",
        |b| {
            b.on_created(|r, _| r.put_flavor("bandwidth_type", "dedicated"));
        },
    ),
    Fault::new(
        "answer-bandwidth-type-null",
        "response.flavor-bandwidth_type",
        "the flavor's bandwidth_type is null",
        |b| {
            b.on_created(|r, _| r.put_flavor("bandwidth_type", ()));
        },
    ),
    Fault::new(
        "answer-bandwidth-type-number",
        "response.flavor-bandwidth_type",
        "the flavor's bandwidth_type is a number",
        |b| {
            b.on_created(|r, _| r.put_flavor("bandwidth_type", 1));
        },
    ),
    Fault::new(
        "answer-bandwidth-type-empty",
        "response.flavor-bandwidth_type",
        "the flavor's bandwidth_type is empty",
        |b| {
            b.on_created(|r, _| r.put_flavor("bandwidth_type", ""));
        },
    ),
    Fault::new("answer-concurrency-text", "response.flavor-concurrency", "the flavor's concurrency is a text", |b| {
        b.on_created(|r, _| r.put_flavor("concurrency", "500"));
    }),
    Fault::new(
        "answer-concurrency-fraction",
        "response.flavor-concurrency",
        "the flavor's concurrency is a fraction",
        |b| {
            b.on_created(|r, _| r.put_flavor("concurrency", 500.5));
        },
    ),
    Fault::new("answer-concurrency-null", "response.flavor-concurrency", "the flavor's concurrency is null", |b| {
        b.on_created(|r, _| r.put_flavor("concurrency", ()));
    }),
    Fault::new(
        "answer-concurrency-boolean",
        "response.flavor-concurrency",
        "the flavor's concurrency is a boolean",
        |b| {
            b.on_created(|r, _| r.put_flavor("concurrency", true));
        },
    ),
    Fault::new(
        "answer-concurrency-array",
        "response.flavor-concurrency",
        "the flavor's concurrency is an array",
        |b| {
            b.on_created(|r, _| r.put_flavor("concurrency", json!([500])));
        },
    ),
    Fault::new("answer-without-status", "response.fields-present", "the answer has no status", |b| {
        b.on_created(|r, _| r.drop_member("status"));
    }),
    Fault::new("answer-without-times", "response.fields-present", "the answer has no times", |b| {
        b.on_created(|r, _| {
            r.drop_member("created_time");
            r.drop_member("updated_time");
        });
    }),
];

fn rename(reply: &mut Reply, member: &str, other: &str) {
    let value = reply.members().get(member).cloned();
    reply.drop_member(member);
    reply.put(other, value);
}

fn swap(reply: &mut Reply, one: &str, other: &str) {
    let (first, second) = (reply.members().get(one).cloned(), reply.members().get(other).cloned());
    reply.put(one, second);
    reply.put(other, first);
}

fn respell(reply: &mut Reply, member: &str, spell: fn(&str) -> String) {
    let text = reply.members().get(member).and_then(Value::as_str).map(spell);
    reply.put(member, text);
}

fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(rest).collect()
}
