//! Reading the parameters of a document.

use super::media_type::{BodyKind, MediaType};
use super::mistake::Mistake;
use super::openapi::OpenApi;
use super::parameter::{Parameter, ParameterForm, ParameterPlace, Style, Styled};
use crate::pointer;

/// The header fields of which nothing is said as parameters (OpenAPI, Parameter Object).
const SAID_ELSEWHERE: [&str; 3] = ["accept", "authorization", "content-type"];

impl OpenApi<'_, '_> {
    /// The parameter at a pointer; nothing where the document doesn't say how its value is written.
    pub(super) fn parameter(&mut self, at: &str) -> Option<Parameter> {
        let text = |key: &str| self.parts.text(&pointer::join(at, key));
        let (place, name) = (ParameterPlace::named(text("in")?)?, text("name")?.to_owned());
        if place == ParameterPlace::Header && SAID_ELSEWHERE.contains(&name.to_ascii_lowercase().as_str()) {
            return None;
        }
        if let Some((media_type, _)) = self.parts.members(&pointer::join(at, "content")).first() {
            let is_json = MediaType::parse(media_type).kind() == BodyKind::Json;
            return is_json.then_some(Parameter { place, name, form: ParameterForm::Json });
        }
        let style = self.style(at, place);
        let is_true = |key: &str| self.parts.is_true(&pointer::join(at, key));
        let says_explode = self.parts.get(&pointer::join(at, "explode")).is_some();
        let explode = if says_explode { is_true("explode") } else { style == Style::Form };
        let allow_reserved = place == ParameterPlace::Query && is_true("allowReserved");
        let types = self.types(&pointer::join(at, "schema"));
        let is_many = types.is_empty() || types.contains("array") || types.contains("object");
        let form = ParameterForm::Styled(Styled { style, explode, allow_reserved, is_many });
        Some(Parameter { place, name, form })
    }

    fn style(&mut self, at: &str, place: ParameterPlace) -> Style {
        let here = pointer::join(at, "style");
        let Some(name) = self.parts.text(&here) else { return place.usual_style() };
        match Style::named(name).filter(|style| place.has(*style)) {
            Some(style) => style,
            None => {
                let message = format!("a {} parameter has no style `{name}`", place.as_str());
                let doubt =
                    Mistake::at_value(here, message).hint("without `style` it has the usual one, as it has now");
                if !self.parts.doubts.contains(&doubt) {
                    self.parts.doubts.push(doubt);
                }
                place.usual_style()
            }
        }
    }
}
