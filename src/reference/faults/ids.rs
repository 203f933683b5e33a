//! Faults in judging `vpc_id` and `subnet_id`.

use super::{Fault, another_key, array_text, bool_text, from_query, number_text, object_text};
use crate::reference::cause::FieldError;
use crate::reference::field::characters;

pub(super) const ROWS: &[Fault] = &[
    Fault::new("vpc-id-missing-accepted", "vpc_id.mandatory", "a body without vpc_id is accepted", |b| {
        b.vpc_id.mandatory = false
    }),
    Fault::new("vpc-id-null-accepted", "vpc_id.mandatory", "vpc_id of null is accepted", |b| {
        b.vpc_id.null_is_absent = true
    }),
    Fault::new("vpc-id-missing-500", "status.no-server-error", "a missing vpc_id is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_field("vpc_id", FieldError::Missing) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new("vpc-id-null-500", "status.no-server-error", "vpc_id of null is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_field("vpc_id", FieldError::Null) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new("vpc-id-missing-404", "vpc_id.mandatory", "a missing vpc_id is answered 404 as a VPC not found", |b| {
        b.on_refused(|r, m| {
            if m.is_field("vpc_id", FieldError::Missing) {
                r.refuse_as(404)
            }
        });
    }),
    Fault::new("vpc-id-number-accepted", "vpc_id.type", "a number is accepted as vpc_id, as text", |b| {
        b.vpc_id.text = number_text
    }),
    Fault::new("vpc-id-boolean-accepted", "vpc_id.type", "a boolean is accepted as vpc_id, as text", |b| {
        b.vpc_id.text = bool_text
    }),
    Fault::new("vpc-id-array-accepted", "vpc_id.type", "an array is accepted as vpc_id: its first text", |b| {
        b.vpc_id.text = array_text
    }),
    Fault::new("vpc-id-object-accepted", "vpc_id.type", "an object is accepted as vpc_id", |b| {
        b.vpc_id.text = object_text
    }),
    Fault::new("vpc-id-number-500", "status.no-server-error", "vpc_id of another type is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_field("vpc_id", FieldError::Type) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new("vpc-id-128-refused", "vpc_id.max-length", "vpc_id of 128 characters is refused", |b| {
        b.vpc_id.longest = 127
    }),
    Fault::new("vpc-id-129-accepted", "vpc_id.max-length", "vpc_id of 129 characters is accepted", |b| {
        b.vpc_id.longest = 129
    }),
    Fault::new("vpc-id-any-length", "vpc_id.max-length", "vpc_id of any length is accepted", |b| {
        b.vpc_id.longest = usize::MAX
    }),
    Fault::new("vpc-id-36-longest", "vpc_id.max-length", "vpc_id of more than 36 characters is refused", |b| {
        b.vpc_id.longest = 36
    }),
    Fault::new("vpc-id-cut-to-128", "vpc_id.max-length", "vpc_id that is too long is cut to 128 characters", |b| {
        b.vpc_id.tidy = |id| id.chars().take(128).collect();
    }),
    Fault::new("vpc-id-long-500", "status.no-server-error", "vpc_id that is too long is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_field("vpc_id", FieldError::Long) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new("vpc-id-upper-cased", "response.vpc_id-echo", "vpc_id comes back in capitals", |b| {
        b.vpc_id.tidy = |id| id.to_uppercase();
    }),
    Fault::new("vpc-id-without-hyphens", "response.vpc_id-echo", "vpc_id comes back without its hyphens", |b| {
        b.vpc_id.tidy = |id| id.replace('-', "");
    }),
    Fault::new("subnet-id-missing-accepted", "subnet_id.mandatory", "a body without subnet_id is accepted", |b| {
        b.subnet_id.mandatory = false
    }),
    Fault::new("subnet-id-null-accepted", "subnet_id.mandatory", "subnet_id of null is accepted", |b| {
        b.subnet_id.null_is_absent = true
    }),
    Fault::new("subnet-id-missing-500", "status.no-server-error", "a missing subnet_id is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_field("subnet_id", FieldError::Missing) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new("subnet-id-null-500", "status.no-server-error", "subnet_id of null is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_field("subnet_id", FieldError::Null) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new(
        "subnet-id-missing-404",
        "subnet_id.mandatory",
        "a missing subnet_id is answered 404 as a subnet not found",
        |b| {
            b.on_refused(|r, m| {
                if m.is_field("subnet_id", FieldError::Missing) {
                    r.refuse_as(404)
                }
            });
        },
    ),
    Fault::new("subnet-id-number-accepted", "subnet_id.type", "a number is accepted as subnet_id, as text", |b| {
        b.subnet_id.text = number_text
    }),
    Fault::new("subnet-id-boolean-accepted", "subnet_id.type", "a boolean is accepted as subnet_id, as text", |b| {
        b.subnet_id.text = bool_text
    }),
    Fault::new(
        "subnet-id-array-accepted",
        "subnet_id.type",
        "an array is accepted as subnet_id: its first text",
        |b| b.subnet_id.text = array_text,
    ),
    Fault::new("subnet-id-object-accepted", "subnet_id.type", "an object is accepted as subnet_id", |b| {
        b.subnet_id.text = object_text
    }),
    Fault::new("subnet-id-number-500", "status.no-server-error", "subnet_id of another type is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_field("subnet_id", FieldError::Type) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new("subnet-id-128-refused", "subnet_id.max-length", "subnet_id of 128 characters is refused", |b| {
        b.subnet_id.longest = 127
    }),
    Fault::new("subnet-id-129-accepted", "subnet_id.max-length", "subnet_id of 129 characters is accepted", |b| {
        b.subnet_id.longest = 129
    }),
    Fault::new("subnet-id-any-length", "subnet_id.max-length", "subnet_id of any length is accepted", |b| {
        b.subnet_id.longest = usize::MAX
    }),
    Fault::new(
        "subnet-id-36-longest",
        "subnet_id.max-length",
        "subnet_id of more than 36 characters is refused",
        |b| b.subnet_id.longest = 36,
    ),
    Fault::new(
        "subnet-id-cut-to-128",
        "subnet_id.max-length",
        "subnet_id that is too long is cut to 128 characters",
        |b| {
            b.subnet_id.tidy = |id| id.chars().take(128).collect();
        },
    ),
    Fault::new("subnet-id-long-500", "status.no-server-error", "subnet_id that is too long is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_field("subnet_id", FieldError::Long) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new("subnet-id-upper-cased", "response.subnet_id-echo", "subnet_id comes back in capitals", |b| {
        b.subnet_id.tidy = |id| id.to_uppercase();
    }),
    Fault::new(
        "subnet-id-without-hyphens",
        "response.subnet_id-echo",
        "subnet_id comes back without its hyphens",
        |b| {
            b.subnet_id.tidy = |id| id.replace('-', "");
        },
    ),
    Fault::new(
        "vpc-id-missing-without-description-accepted",
        "vpc_id.mandatory",
        "a body with neither vpc_id nor a description is accepted",
        |b| {
            b.members = |members, _, _| {
                if !members.contains_key("description") {
                    members.entry("vpc_id").or_insert_with(|| "".into());
                }
                Ok(())
            };
        },
    ),
    Fault::new("vpc-id-camel-key", "vpc_id.mandatory", "the key may be spelt `vpcId`", |b| {
        b.members = |members, _, _| another_key(members, "vpc_id", "vpcId");
    }),
    Fault::new("vpc-id-from-the-query", "vpc_id.mandatory", "vpc_id is taken from the query where it lacks", |b| {
        b.members = |members, arrival, _| from_query(members, arrival, "vpc_id");
    }),
    Fault::new("vpc-id-length-trimmed", "vpc_id.max-length", "spaces around vpc_id are not counted", |b| {
        b.vpc_id.length = |id| characters(id.trim());
    }),
    Fault::new("vpc-id-trimmed", "response.vpc_id-echo", "vpc_id comes back without the spaces around it", |b| {
        b.on_created(|r, m| {
            if let Some(connection) = m.created {
                r.put("vpc_id", connection.vpc_id.trim());
            }
        });
    }),
    Fault::new("vpc-id-nul-500", "status.no-server-error", "a NUL in vpc_id is answered 500", |b| {
        b.on_created(|r, m| {
            if m.arrival.text("vpc_id").is_some_and(|id| id.contains('\0')) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new(
        "subnet-id-missing-without-description-accepted",
        "subnet_id.mandatory",
        "a body with neither subnet_id nor a description is accepted",
        |b| {
            b.members = |members, _, _| {
                if !members.contains_key("description") {
                    members.entry("subnet_id").or_insert_with(|| "".into());
                }
                Ok(())
            };
        },
    ),
    Fault::new("subnet-id-camel-key", "subnet_id.mandatory", "the key may be spelt `subnetId`", |b| {
        b.members = |members, _, _| another_key(members, "subnet_id", "subnetId");
    }),
    Fault::new(
        "subnet-id-from-the-query",
        "subnet_id.mandatory",
        "subnet_id is taken from the query where it lacks",
        |b| {
            b.members = |members, arrival, _| from_query(members, arrival, "subnet_id");
        },
    ),
    Fault::new("subnet-id-length-trimmed", "subnet_id.max-length", "spaces around subnet_id are not counted", |b| {
        b.subnet_id.length = |id| characters(id.trim());
    }),
    Fault::new(
        "subnet-id-trimmed",
        "response.subnet_id-echo",
        "subnet_id comes back without the spaces around it",
        |b| {
            b.on_created(|r, m| {
                if let Some(connection) = m.created {
                    r.put("subnet_id", connection.subnet_id.trim());
                }
            });
        },
    ),
    Fault::new("subnet-id-nul-500", "status.no-server-error", "a NUL in subnet_id is answered 500", |b| {
        b.on_created(|r, m| {
            if m.arrival.text("subnet_id").is_some_and(|id| id.contains('\0')) {
                r.refuse_as(500)
            }
        });
    }),
];
