use super::super::scope::Bindings;
use super::*;
use crate::contract::ParameterPlace::{Cookie, Header, Path, Query};

fn text(source: &str) -> Text {
    Text::parse(source).unwrap()
}

fn styled(style: Style, explode: bool) -> Styled {
    Styled { style, explode, allow_reserved: false, is_many: true }
}

/// What is sent of a parameter `color`, or why nothing is.
fn sent(place: ParameterPlace, form: Option<ParameterForm>, value: FieldValue) -> Result<String, String> {
    let scope = Scope::new(&Bindings::default(), 1, "row");
    let named = NamedValue { name: "color".to_owned(), value, form };
    let field = Field::render(&named, place, &scope).map_err(|error| error.to_string())?;
    Ok(match place {
        Path => field.in_path(),
        Query => field.in_query().join("&"),
        Cookie => field.in_cookie().join("; "),
        Header => field.in_headers().into_iter().map(|(_, value)| value).collect::<Vec<_>>().join(" and "),
    })
}

fn by_style(place: ParameterPlace, style: Styled, value: FieldValue) -> String {
    sent(place, Some(ParameterForm::Styled(style)), value).unwrap_or_else(|error| format!("! {error}"))
}

fn list(items: &[&str]) -> FieldValue {
    FieldValue::List(items.iter().map(|item| text(item)).collect())
}

fn members(members: &[(&str, &str)]) -> FieldValue {
    FieldValue::Members(members.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect())
}

#[test]
fn every_row_of_the_style_examples_of_openapi_is_written_as_it_stands_there() {
    let (space, pipe) = (Style::Delimited(' '), Style::Delimited('|'));
    let none = "";
    for (place, style, explode, empty, string, array, object) in [
        (Path, Style::Matrix, false, ";color", ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"),
        (
            Path,
            Style::Matrix,
            true,
            ";color",
            ";color=blue",
            ";color=blue;color=black;color=brown",
            ";R=100;G=200;B=150",
        ),
        (Path, Style::Label, false, ".", ".blue", ".blue,black,brown", ".R,100,G,200,B,150"),
        (Path, Style::Label, true, ".", ".blue", ".blue.black.brown", ".R=100.G=200.B=150"),
        (Path, Style::Simple, false, "", "blue", "blue,black,brown", "R,100,G,200,B,150"),
        (Path, Style::Simple, true, "", "blue", "blue,black,brown", "R=100,G=200,B=150"),
        (Header, Style::Simple, false, "", "blue", "blue,black,brown", "R,100,G,200,B,150"),
        (Header, Style::Simple, true, "", "blue", "blue,black,brown", "R=100,G=200,B=150"),
        (Query, Style::Form, false, "color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
        (Query, Style::Form, true, "color=", "color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"),
        (Cookie, Style::Form, false, "color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
        (
            Cookie,
            Style::Form,
            true,
            "color=",
            "color=blue",
            "color=blue; color=black; color=brown",
            "R=100; G=200; B=150",
        ),
        (Query, space, false, none, none, "color=blue%20black%20brown", "color=R%20100%20G%20200%20B%20150"),
        (Query, pipe, false, none, none, "color=blue%7Cblack%7Cbrown", "color=R%7C100%7CG%7C200%7CB%7C150"),
        (Query, Style::DeepObject, true, none, none, none, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
    ] {
        let values = [
            (FieldValue::One(text("")), FieldValue::One(text("{{ '' }}")), empty),
            (FieldValue::One(text("blue")), FieldValue::One(text("{{ 'blue' }}")), string),
            (list(&["blue", "black", "brown"]), FieldValue::One(text("{{ ['blue', 'black', 'brown'] }}")), array),
            (
                members(&[("R", "100"), ("G", "{{ 200 }}"), ("B", "150")]),
                members(&[("R", "100"), ("G", "200"), ("B", "{{ '150' }}")]),
                object,
            ),
        ];
        for (column, (literal, template, expected)) in values.into_iter().enumerate() {
            // The table says nothing of the others.
            let is_said = !matches!(style, Style::Delimited(_) | Style::DeepObject) || !expected.is_empty();
            for value in [literal, template].into_iter().filter(|_| is_said) {
                let styled = styled(style, explode);
                assert_eq!(by_style(place, styled, value), expected, "{place:?} {style:?} {explode} {column}");
            }
        }
    }
}

#[test]
fn the_members_that_a_template_gives_are_in_the_order_of_their_names() {
    let object = FieldValue::One(text("{{ {'R': 100, 'G': '200'} }}"));
    assert_eq!(by_style(Query, styled(Style::Form, true), object.clone()), "G=200&R=100");
    assert_eq!(by_style(Path, styled(Style::Label, false), object), ".G,200,R,100");
}

#[test]
fn what_has_no_spelling_is_refused_with_its_name() {
    let deep = styled(Style::DeepObject, true);
    for (form, value, cause) in [
        (deep, list(&["a"]), "the query parameter `color`: `style: deepObject` has no spelling for a list"),
        (deep, FieldValue::One(text("{{ {'a': {'b': 1}} }}")), "a list or an object within another one"),
        (styled(Style::Delimited('|'), true), members(&[("a", "1")]), "has no spelling for an object"),
        (styled(Style::Form, true), FieldValue::One(text("{{ none }}")), "null has no spelling"),
        (styled(Style::Form, true), FieldValue::One(text("{{ [[1]] }}")), "a list or an object within another one"),
        (styled(Style::Form, true), FieldValue::One(text("{{ [none] }}")), "null has no spelling"),
    ] {
        let refused = by_style(Query, form, value);
        assert!(refused.starts_with("! ") && refused.contains(cause), "{refused}");
    }
}

#[test]
fn what_parts_values_is_encoded_within_them() {
    let odd = ["a,b", "ä &=", "x.y;z|%"];
    let form = styled(Style::Form, false);
    assert_eq!(by_style(Query, form, list(&odd)), "color=a%2Cb,%C3%A4%20%26%3D,x.y%3Bz%7C%25");
    assert_eq!(by_style(Query, styled(Style::Delimited('|'), false), list(&odd[..1])), "color=a%2Cb");
    assert_eq!(by_style(Query, styled(Style::Delimited('\t'), false), list(&["a", "b"])), "color=a%09b");
    assert_eq!(by_style(Path, styled(Style::Simple, false), list(&["a/b", "?,"])), "a%2Fb,%3F%2C");
    assert_eq!(by_style(Path, styled(Style::Matrix, true), members(&[("a=", "1;"), ("b", "")])), ";a%3D=1%3B;b");
    assert_eq!(by_style(Query, styled(Style::DeepObject, true), members(&[("a[]", "é")])), "color%5Ba%5B%5D%5D=%C3%A9");
    // No header is percent-encoded.
    assert_eq!(by_style(Header, styled(Style::Simple, false), list(&["a b", "c%"])), "a b,c%");
    assert_eq!(by_style(Cookie, form, list(&["a b;", "c%20/=", "é"])), "color=a%20b%3B,c%20/=,%C3%A9");
}

#[test]
fn a_query_that_allows_it_keeps_what_a_url_reserves_and_is_never_parted_by_it() {
    let reserved = |explode| Styled { allow_reserved: true, ..styled(Style::Form, explode) };
    let one = |value| by_style(Query, reserved(true), FieldValue::One(text(value)));
    assert_eq!(one("https://a.example/b?c=d,e;f@g!$(*)"), "color=https://a.example/b?c=d,e;f@g!$(*)");
    assert_eq!(one("a&b#c+d[e] 'f"), "color=a%26b%23c%2Bd%5Be%5D%20%27f");
    assert_eq!(one("%2F%zz%ä%"), "color=%2F%25zz%25%C3%A4%25");
    assert_eq!(by_style(Query, reserved(false), list(&["a/b,c", "d"])), "color=a/b%2Cc,d");
    assert_eq!(by_style(Query, reserved(true), list(&["a/b,c", "d"])), "color=a/b,c&color=d");
}

#[test]
fn of_an_empty_list_or_object_nothing_is_sent() {
    for (place, style) in [(Path, Style::Matrix), (Header, Style::Simple), (Query, Style::Form), (Cookie, Style::Form)]
    {
        for value in [list(&[]), members(&[]), FieldValue::One(text("{{ [] }}")), FieldValue::One(text("{{ {} }}"))] {
            assert_eq!(by_style(place, styled(style, false), value.clone()), "");
            assert_eq!(by_style(place, styled(style, true), value), "");
        }
    }
}

#[test]
fn a_list_that_the_document_says_nothing_of_is_the_name_several_times() {
    let undocumented = |place, value| sent(place, None, value).unwrap();
    let scalar = Styled { is_many: false, ..styled(Style::Form, false) };
    for value in [list(&["a,b", "{{ ['c', 1] }}"]), FieldValue::One(text("{{ ['a,b', 'c', 1] }}"))] {
        assert_eq!(undocumented(Query, value.clone()), "color=a%2Cb&color=c&color=1");
        assert_eq!(undocumented(Header, value.clone()), "a,b and c and 1");
        assert_eq!(by_style(Query, scalar, value), "color=a%2Cb&color=c&color=1");
    }
    assert_eq!(undocumented(Query, FieldValue::One(text("{{ none }}"))), "color=null");
}

#[test]
fn what_the_document_has_as_json_is_sent_as_json_and_a_text_as_it_is() {
    let json = |place, value| sent(place, Some(ParameterForm::Json), value).unwrap();
    let tree = || FieldValue::Json(super::super::tree::Tree::Scalar(serde_json::json!({"a": [1, {"b": "ä"}]})));
    assert_eq!(json(Header, tree()), r#"{"a":[1,{"b":"ä"}]}"#);
    assert_eq!(json(Query, tree()), "color=%7B%22a%22%3A%5B1%2C%7B%22b%22%3A%22%C3%A4%22%7D%5D%7D");
    assert_eq!(json(Cookie, FieldValue::One(text("{{ [1, 'a'] }}"))), "color=[1%2C%22a%22]");
    assert_eq!(json(Header, FieldValue::One(text("{\"a\":"))), "{\"a\":");
}
