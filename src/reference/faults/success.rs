//! Faults in the members of a created connection, as the answer shows it.

use serde_json::json;

use super::fault::Fault;
use crate::reference::reply::Reply;
use crate::reference::stamp;

pub(super) fn rows() -> Vec<Fault> {
    let mandatory = ["id", "name", "vpc_id", "subnet_id"].into_iter().flat_map(of_a_mandatory_member);
    let listed = ["concurrency_type", "bandwidth_type"].into_iter().flat_map(of_a_list_in_the_flavor);
    mandatory.chain(of_texts()).chain(of_optional_members()).chain(listed).chain(of_the_concurrency()).collect()
}

fn of_a_mandatory_member(member: &'static str) -> Vec<Fault> {
    let fault = |id: &str, says: &str| {
        let id = format!("answer-{}-{id}", member.replace('_', "-"));
        Fault::new(id, format!("response.{member}"), format!("{member} is {says} in the answer"))
    };
    vec![
        fault("missing", "missing").created(move |r, _| r.drop_member(member)),
        fault("null", "null").created(move |r, _| r.put(member, ())),
        fault("number", "a number").created(move |r, _| r.put(member, 7)),
    ]
}

fn of_a_list_in_the_flavor(member: &'static str) -> Vec<Fault> {
    let fault = |id: &str, says: &str| {
        let id = format!("answer-{}-{id}", member.replace('_', "-"));
        Fault::new(id, format!("response.flavor-{member}"), format!("the flavor's {member} is {says}"))
    };
    vec![
        fault("capitals", "in capitals").created(move |r, _| r.put_flavor(member, "EXCLUSIVE")),
        fault("unlisted", "not listed").created(move |r, _| r.put_flavor(member, "dedicated")),
        fault("null", "null").created(move |r, _| r.put_flavor(member, ())),
        fault("number", "a number").created(move |r, _| r.put_flavor(member, 1)),
        fault("empty", "empty").created(move |r, _| r.put_flavor(member, "")),
    ]
}

fn of_texts() -> Vec<Fault> {
    vec![
        Fault::new("answer-id-empty", "response.id", "id is empty in the answer").created(|r, _| r.put("id", "")),
        Fault::new("answer-id-object", "response.id", "id is an object in the answer")
            .created(|r, _| r.put("id", json!({ "value": "x" }))),
        Fault::new("answer-id-renamed", "response.id", "the answer has connection_id in place of id")
            .created(|r, _| rename(r, "id", "connection_id")),
        Fault::new("answer-name-array", "response.name", "name is an array in the answer")
            .created(|r, _| r.put("name", json!(["name"]))),
        Fault::new("answer-vpc-id-camel", "response.vpc_id", "the answer has vpcId in place of vpc_id")
            .created(|r, _| rename(r, "vpc_id", "vpcId")),
        Fault::new("answer-subnet-id-camel", "response.subnet_id", "the answer has subnetId in place of subnet_id")
            .created(|r, _| rename(r, "subnet_id", "subnetId")),
        Fault::new("answer-vpc-id-empty", "response.vpc_id-echo", "vpc_id comes back empty")
            .created(|r, _| r.put("vpc_id", "")),
        Fault::new("answer-vpc-id-other", "response.vpc_id-echo", "vpc_id comes back as another one")
            .created(|r, _| r.put("vpc_id", stamp::uuid())),
        Fault::new("answer-vpc-id-cut", "response.vpc_id-echo", "vpc_id comes back with 35 characters at most")
            .created(|r, _| r.respell("vpc_id", |text| text.chars().take(35).collect())),
        Fault::new("answer-subnet-id-empty", "response.subnet_id-echo", "subnet_id comes back empty")
            .created(|r, _| r.put("subnet_id", "")),
        Fault::new("answer-subnet-id-other", "response.subnet_id-echo", "subnet_id comes back as another one")
            .created(|r, _| r.put("subnet_id", stamp::uuid())),
        Fault::new("answer-subnet-id-cut", "response.subnet_id-echo", "35 characters of subnet_id come back")
            .created(|r, _| r.respell("subnet_id", |text| text.chars().take(35).collect())),
        Fault::new("answer-ids-swapped", "response.vpc_id-echo", "vpc_id and subnet_id come back as each other")
            .created(|r, _| swap(r, "vpc_id", "subnet_id")),
        Fault::new("answer-subnet-id-is-vpc-id", "response.subnet_id-echo", "vpc_id comes back as subnet_id").created(
            |r, _| {
                let id = r.members().get("vpc_id").cloned();
                r.put("subnet_id", id);
            },
        ),
        Fault::new("answer-name-upper-cased", "response.name-echo", "the name comes back in capitals")
            .created(|r, _| r.respell("name", |text| text.to_uppercase())),
        Fault::new("answer-name-capitalised", "response.name-echo", "the name comes back with a capital in front")
            .created(|r, _| r.respell("name", capitalised)),
        Fault::new("answer-name-prefixed", "response.name-echo", "the name comes back with a prefix")
            .created(|r, _| r.respell("name", |text| format!("eg-{text}"))),
        Fault::new("answer-name-cut-at-64", "response.name-echo", "the name comes back with 64 characters at most")
            .created(|r, _| r.respell("name", |text| text.chars().take(64).collect())),
        Fault::new("answer-name-loses-one", "response.name-echo", "the name comes back without its last character")
            .created(|r, _| {
                r.respell("name", |text| text.chars().rev().skip(1).collect::<Vec<_>>().into_iter().rev().collect())
            }),
        Fault::new("answer-name-128-loses-one", "response.name-echo", "127 characters of a name come back at most")
            .created(|r, _| r.respell("name", |text| text.chars().take(127).collect())),
        Fault::new("answer-name-periods-to-hyphens", "response.name-echo", "periods come back as hyphens")
            .created(|r, _| r.respell("name", |text| text.replace('.', "-"))),
        Fault::new("answer-name-underscores-to-hyphens", "response.name-echo", "underscores come back as hyphens")
            .created(|r, _| r.respell("name", |text| text.replace('_', "-"))),
        Fault::new("answer-name-padded", "response.name-echo", "the name comes back with a space after it")
            .created(|r, _| r.respell("name", |text| format!("{text} "))),
        Fault::new("answer-name-reversed", "response.name-echo", "the name comes back backwards")
            .created(|r, _| r.respell("name", |text| text.chars().rev().collect())),
        Fault::new("answer-name-constant", "response.name-echo", "every name comes back as `connection`")
            .created(|r, _| r.put("name", "connection")),
        Fault::new("answer-name-is-id", "response.name-echo", "the id comes back as the name").created(|r, _| {
            let id = r.members().get("id").cloned();
            r.put("name", id);
        }),
    ]
}

fn of_optional_members() -> Vec<Fault> {
    vec![
        Fault::new("answer-without-status", "response.fields-present", "the answer has no status")
            .created(|r, _| r.drop_member("status")),
        Fault::new("answer-without-times", "response.fields-present", "the answer has no times").created(|r, _| {
            r.drop_member("created_time");
            r.drop_member("updated_time");
        }),
        Fault::new("answer-status-lower-case", "response.status", "the answer has a status in lower case")
            .created(|r, _| r.put("status", "creating")),
        Fault::new("answer-status-title-case", "response.status", "the answer has a status in title case")
            .created(|r, _| r.put("status", "Creating")),
        Fault::new("answer-status-unlisted", "response.status", "the answer has a status that is not listed")
            .created(|r, _| r.put("status", "ACTIVE")),
        Fault::new("answer-status-error", "response.status", "the answer has a status of another listing")
            .created(|r, _| r.put("status", "ERROR")),
        Fault::new("answer-status-number", "response.status", "the answer has a status that is a number")
            .created(|r, _| r.put("status", 0)),
        Fault::new("answer-status-null", "response.status", "the answer has a status that is null")
            .created(|r, _| r.put("status", ())),
        Fault::new("answer-status-empty", "response.status", "the answer has a status that is empty")
            .created(|r, _| r.put("status", "")),
        Fault::new("answer-status-boolean", "response.status", "the answer has a status that is a boolean")
            .created(|r, _| r.put("status", true)),
        Fault::new("answer-status-padded", "response.status", "the answer has a status with a space after it")
            .created(|r, _| r.put("status", "CREATING ")),
        Fault::new("answer-status-hyphen", "response.status", "the answer has a status with a hyphen")
            .created(|r, _| r.put("status", "CREATE-FAILED")),
        Fault::new("answer-agency-number", "response.agency", "agency is a number").created(|r, _| r.put("agency", 1)),
        Fault::new("answer-agency-null", "response.agency", "agency is null").created(|r, _| r.put("agency", ())),
        Fault::new("answer-agency-object", "response.agency", "agency is an object")
            .created(|r, _| r.put("agency", json!({ "name": "EG_TRUST" }))),
        Fault::new("answer-agency-boolean", "response.agency", "agency is a boolean")
            .created(|r, _| r.put("agency", false)),
        Fault::new("answer-flavor-text", "response.flavor", "flavor is a text")
            .created(|r, _| r.put("flavor", "default")),
        Fault::new("answer-flavor-null", "response.flavor", "flavor is null").created(|r, _| r.put("flavor", ())),
        Fault::new("answer-flavor-array", "response.flavor", "flavor is an array")
            .created(|r, _| r.put("flavor", json!([{ "name": "default" }]))),
        Fault::new("answer-flavor-number", "response.flavor", "flavor is a number")
            .created(|r, _| r.put("flavor", 500)),
        Fault::new("answer-flavor-name-number", "response.flavor-name", "the flavor's name is a number")
            .created(|r, _| r.put_flavor("name", 1)),
        Fault::new("answer-flavor-name-null", "response.flavor-name", "the flavor's name is null")
            .created(|r, _| r.put_flavor("name", ())),
    ]
}

fn of_the_concurrency() -> Vec<Fault> {
    vec![
        Fault::new("answer-concurrency-text", "response.flavor-concurrency", "the flavor's concurrency is a text")
            .created(|r, _| r.put_flavor("concurrency", "500")),
        Fault::new("answer-concurrency-fraction", "response.flavor-concurrency", "the concurrency is a fraction")
            .created(|r, _| r.put_flavor("concurrency", 500.5)),
        Fault::new("answer-concurrency-null", "response.flavor-concurrency", "the flavor's concurrency is null")
            .created(|r, _| r.put_flavor("concurrency", ())),
        Fault::new("answer-concurrency-boolean", "response.flavor-concurrency", "the concurrency is a boolean")
            .created(|r, _| r.put_flavor("concurrency", true)),
        Fault::new("answer-concurrency-array", "response.flavor-concurrency", "the flavor's concurrency is an array")
            .created(|r, _| r.put_flavor("concurrency", json!([500]))),
    ]
}

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

fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(rest).collect()
}
