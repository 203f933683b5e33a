//! The keywords of JSON Schema 2020-12, as OpenAPI 3.1 has them, and what each means for clauses: one row a keyword.

/// What a keyword does with values and with the schemas below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    /// Restricts values by itself; a clause has to stand for it.
    Assertion,
    /// `required`: a clause has to stand for each of its items.
    Required,
    /// Judges by the schemas below it as a whole: a clause stands for the keyword, and none for what is below.
    Whole(Below),
    /// Restricts values only through the schemas below it, which need clauses of their own.
    Through(Below),
    /// Holds schemas for reference, or ones that only choose between others; none of them needs a clause here.
    Aside(Below),
    /// `$ref`.
    Reference,
    /// Says something to readers and nothing to validators.
    Annotation,
    /// Known elsewhere, and nothing here, with what is meant.
    Meaningless(&'static str),
    /// Not supported in a contract, with the reason.
    Refused(&'static str),
}

/// How the schemas stand below a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Below {
    /// The keyword's value is a schema.
    One,
    /// The keyword's value is a list of schemas.
    List,
    /// The keyword's value is a map of schemas.
    Map,
}

const BY_POINTER: &str = "schemas are referred to by JSON pointer, as in `#/components/schemas/…`";

/// Every keyword that a contract's schema may, or expressly may not, have.
pub(super) const KEYWORDS: &[(&str, Keyword)] = &[
    ("type", Keyword::Assertion),
    ("enum", Keyword::Assertion),
    ("const", Keyword::Assertion),
    ("minLength", Keyword::Assertion),
    ("maxLength", Keyword::Assertion),
    ("pattern", Keyword::Assertion),
    ("format", Keyword::Assertion),
    ("minimum", Keyword::Assertion),
    ("maximum", Keyword::Assertion),
    ("exclusiveMinimum", Keyword::Assertion),
    ("exclusiveMaximum", Keyword::Assertion),
    ("multipleOf", Keyword::Assertion),
    ("minItems", Keyword::Assertion),
    ("maxItems", Keyword::Assertion),
    ("uniqueItems", Keyword::Assertion),
    ("minContains", Keyword::Assertion),
    ("maxContains", Keyword::Assertion),
    ("minProperties", Keyword::Assertion),
    ("maxProperties", Keyword::Assertion),
    ("dependentRequired", Keyword::Assertion),
    ("required", Keyword::Required),
    ("not", Keyword::Whole(Below::One)),
    ("anyOf", Keyword::Whole(Below::List)),
    ("oneOf", Keyword::Whole(Below::List)),
    ("contains", Keyword::Whole(Below::One)),
    ("propertyNames", Keyword::Whole(Below::One)),
    ("unevaluatedItems", Keyword::Whole(Below::One)),
    ("unevaluatedProperties", Keyword::Whole(Below::One)),
    ("allOf", Keyword::Through(Below::List)),
    ("then", Keyword::Through(Below::One)),
    ("else", Keyword::Through(Below::One)),
    ("dependentSchemas", Keyword::Through(Below::Map)),
    ("properties", Keyword::Through(Below::Map)),
    ("patternProperties", Keyword::Through(Below::Map)),
    ("additionalProperties", Keyword::Through(Below::One)),
    ("items", Keyword::Through(Below::One)),
    ("prefixItems", Keyword::Through(Below::List)),
    ("if", Keyword::Aside(Below::One)),
    ("$defs", Keyword::Aside(Below::Map)),
    // What `$defs` was called before: nothing but references ever led there.
    ("definitions", Keyword::Aside(Below::Map)),
    ("$ref", Keyword::Reference),
    ("title", Keyword::Annotation),
    ("description", Keyword::Annotation),
    ("default", Keyword::Annotation),
    ("deprecated", Keyword::Annotation),
    ("readOnly", Keyword::Annotation),
    ("writeOnly", Keyword::Annotation),
    ("example", Keyword::Annotation),
    ("examples", Keyword::Annotation),
    ("externalDocs", Keyword::Annotation),
    ("xml", Keyword::Annotation),
    ("discriminator", Keyword::Annotation),
    ("contentEncoding", Keyword::Annotation),
    ("contentMediaType", Keyword::Annotation),
    ("contentSchema", Keyword::Annotation),
    ("$comment", Keyword::Annotation),
    ("$id", Keyword::Refused(BY_POINTER)),
    ("$anchor", Keyword::Refused(BY_POINTER)),
    ("$dynamicRef", Keyword::Refused(BY_POINTER)),
    ("$dynamicAnchor", Keyword::Refused(BY_POINTER)),
    ("$schema", Keyword::Refused("a contract's schemas are all of JSON Schema 2020-12")),
    ("$vocabulary", Keyword::Meaningless("a contract's schemas are all of JSON Schema 2020-12")),
    ("dependencies", Keyword::Meaningless("JSON Schema 2020-12 spells it `dependentSchemas` or `dependentRequired`")),
    ("additionalItems", Keyword::Meaningless("JSON Schema 2020-12 spells it `items`, beside `prefixItems`")),
    ("nullable", Keyword::Meaningless("OpenAPI 3.1 spells it `type: [string, \"null\"]`")),
];

/// The row of a keyword; nothing for a name that is none.
pub(super) fn keyword(name: &str) -> Option<Keyword> {
    KEYWORDS.iter().find(|(known, _)| *known == name).map(|(_, keyword)| *keyword)
}
