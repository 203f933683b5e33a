//! Parameters by name: the query, header fields, cookies, and the parameters of a path.

use super::super::parameter::unspelt;
use super::super::render::is_token;
use super::super::request::{FieldValue, NamedValue};
use super::super::template::Text;
use super::reader::{Names, Reader};
use crate::contract::{Operation, ParameterForm, ParameterPlace, Style};
use crate::source::{Entry, Node, NodeValue, Span};

/// The parameters of a place that a request has, written as the operation documents them.
pub(super) fn named(
    reader: &mut Reader<'_>,
    request: &Node,
    names: &Names,
    place: ParameterPlace,
    documented: Option<&Operation>,
) -> Vec<NamedValue> {
    let key = match place {
        ParameterPlace::Path => "path",
        ParameterPlace::Query => "query",
        ParameterPlace::Header => "headers",
        ParameterPlace::Cookie => "cookies",
    };
    let mut fields: Vec<NamedValue> = Vec::new();
    for entry in request.get(key).map(Node::entries).unwrap_or_default() {
        let name = entry.key.clone();
        let (is_header, is_cookie) = (place == ParameterPlace::Header, place == ParameterPlace::Cookie);
        if (is_header || is_cookie) && !is_token(&name) {
            let what = if is_header { "no header name" } else { "no name of a cookie" };
            reader.report(entry.key_span, format!("`{name}` is {what}"));
        } else if is_header && fields.iter().any(|field| field.name.eq_ignore_ascii_case(&name)) {
            reader
                .report(entry.key_span, format!("the header `{name}` is given twice, for its case makes no difference"))
                .hint("a list sends a header several times");
        }
        let form = documented.and_then(|operation| operation.form(place, &name));
        let value = value(reader, entry, names, place, form, form.is_some());
        fields.extend(value.map(|value| NamedValue { name, value, form }));
    }
    fields
}

/// The value of a parameter. A map is only taken where it `may_have_members`: where somebody says how they are sent.
pub(super) fn value(
    reader: &mut Reader<'_>,
    entry: &Entry,
    names: &Names,
    place: ParameterPlace,
    form: Option<ParameterForm>,
    may_have_members: bool,
) -> Option<FieldValue> {
    let (name, node) = (&entry.key, &entry.value);
    let is_json = form == Some(ParameterForm::Json);
    match &node.value {
        NodeValue::List(_) | NodeValue::Map(_) if is_json => Some(FieldValue::Json(reader.tree(node, names))),
        NodeValue::List(items) => {
            refuse_unspelt(reader, entry, form, false);
            let is_documented = matches!(form, Some(ParameterForm::Styled(styled)) if styled.is_many);
            if items.is_empty() && !is_documented {
                let report = reader.report(node.span, format!("an empty list sends nothing of `{name}`"));
                report.hint("leave it out; `without` takes away what the valid request has");
            }
            let texts = items.iter().filter_map(|item| part(reader, item, names, place, name));
            Some(FieldValue::List(texts.collect()))
        }
        NodeValue::Map(_) if !may_have_members => {
            let message =
                format!("the contract has no {} parameter `{name}`, so how a map is sent isn't known", place.as_str());
            reader.report(node.span, message).hint("write the names and texts as they are sent");
            None
        }
        NodeValue::Map(entries) => {
            refuse_unspelt(reader, entry, form, true);
            let member = |entry: &Entry| {
                let text = part(reader, &entry.value, names, place, name)?;
                Some((entry.key.clone(), text))
            };
            Some(FieldValue::Members(entries.iter().filter_map(member).collect()))
        }
        _ => {
            let text = text(reader, node, names, place)?;
            let is_spelt = matches!(form, Some(ParameterForm::Styled(styled)) if styled.style != Style::Simple);
            if place == ParameterPlace::Path && !is_spelt && text.is_literal() && text.source().is_empty() {
                let message =
                    format!("the parameter `{name}` of the path is empty: the path would be another operation's");
                reader.report(node.span, message).hint("write the whole path as a text to send that");
            }
            Some(FieldValue::One(text))
        }
    }
}

/// Reports a request that would have two header fields `Cookie`, which HTTP doesn't allow.
pub(super) fn refuse_two_cookie_fields(
    reader: &mut Reader<'_>,
    request: &Node,
    cookies: &[NamedValue],
    headers: &[NamedValue],
) {
    let has_field = headers.iter().any(|header| header.name.eq_ignore_ascii_case("cookie"));
    let Some(entry) = request.entry("cookies").filter(|_| has_field && !cookies.is_empty()) else { return };
    let message = "a request has one header `Cookie`: there are `cookies`, and one among `headers`";
    reader.report(entry.key_span, message).hint("write all of them in `cookies`, or all in the header");
}

fn refuse_unspelt(reader: &mut Reader<'_>, entry: &Entry, form: Option<ParameterForm>, is_object: bool) {
    if let Some(ParameterForm::Styled(styled)) = form
        && let Some(cause) = unspelt(styled, is_object)
    {
        let report = reader.report(entry.value.span, format!("`{}`: {cause}", entry.key));
        report.hint("write the names and texts as they are sent");
    }
}

/// An item of a list, or a member of a map.
fn part(reader: &mut Reader<'_>, node: &Node, names: &Names, place: ParameterPlace, of: &str) -> Option<Text> {
    let cause = match &node.value {
        NodeValue::Null => "null has no spelling in a parameter",
        NodeValue::List(_) | NodeValue::Map(_) => "a list or a map within another one has no spelling in a parameter",
        _ => return text(reader, node, names, place),
    };
    refuse(reader, node.span, of, cause);
    None
}

fn refuse(reader: &mut Reader<'_>, span: Span, of: &str, cause: &str) {
    reader.report(span, format!("`{of}`: {cause}")).hint("write the names and texts as they are sent");
}

fn text(reader: &mut Reader<'_>, node: &Node, names: &Names, place: ParameterPlace) -> Option<Text> {
    let value = reader.text(node, names)?;
    let barred = |c: char| c.is_ascii_control() && c != '\t';
    if place == ParameterPlace::Header && value.is_literal() && value.source().contains(barred) {
        reader.report(node.span, "the value holds a control character, which HTTP can't carry in a header");
    }
    Some(value)
}
