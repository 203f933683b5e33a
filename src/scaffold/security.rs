//! Credentials, as the document's security schemes have them.

use std::collections::BTreeMap;

use super::document::Document;
use super::names::Names;
use crate::pointer;

/// Where security schemes stand in OpenAPI, and in Swagger 2.0.
const SCHEMES: [&str; 2] = ["/components/securitySchemes", "/securityDefinitions"];

/// Where a credential is sent.
#[derive(Debug, Clone)]
pub(super) enum Place {
    Header(String),
    Query(String),
    Cookie(String),
}

/// A credential of a request.
#[derive(Debug, Clone)]
pub(super) struct Credential {
    pub(super) place: Place,
    /// A template.
    pub(super) value: String,
}

/// The credentials of a suite, and the names of what is given for them, each with what it is.
#[derive(Default)]
pub(super) struct Security {
    pub(super) secrets: BTreeMap<String, String>,
    pub(super) variables: BTreeMap<String, String>,
    known: BTreeMap<String, Option<Credential>>,
}

impl Security {
    /// What an operation needs: of the first alternative that is documented.
    ///
    /// # Errors
    /// What is missing.
    pub(super) fn of_operation(
        &mut self,
        document: Document<'_>,
        operation: &str,
        names: &mut Names,
    ) -> Result<Vec<Credential>, String> {
        let at = document.0.places(operation).map(|[at, _]| pointer::join(at, "security"));
        let own = at.filter(|at| document.get(at).is_some());
        let alternatives = document.items(own.as_deref().unwrap_or("/security"));
        let first = alternatives.first().map(|at| document.members(at)).unwrap_or_default();
        first.into_iter().map(|(scheme, _)| self.credential(document, scheme, names)).collect()
    }

    fn credential(&mut self, document: Document<'_>, scheme: &str, names: &mut Names) -> Result<Credential, String> {
        let missing = || format!("a credential for the security scheme `{scheme}`");
        if !self.known.contains_key(scheme) {
            let places = SCHEMES.iter().map(|at| pointer::join(at, scheme));
            let at = places.into_iter().find(|at| document.get(at).is_some()).ok_or_else(missing)?;
            let made = self.made(document, scheme, &at, names);
            self.known.insert(scheme.to_owned(), made);
        }
        self.known.get(scheme).cloned().flatten().ok_or_else(missing)
    }

    fn made(&mut self, document: Document<'_>, scheme: &str, at: &str, names: &mut Names) -> Option<Credential> {
        let text = |key: &str| document.text(&pointer::join(at, key)).unwrap_or_default();
        let authorization = || Place::Header("Authorization".to_owned());
        let about = format!("for the security scheme {scheme}");
        let (place, value) = match (text("type"), text("scheme").to_ascii_lowercase().as_str()) {
            ("apiKey", _) => {
                let name = text("name").to_owned();
                let place = match text("in") {
                    "header" => Place::Header(name),
                    "query" => Place::Query(name),
                    "cookie" => Place::Cookie(name),
                    _ => return None,
                };
                let secret = self.secret(names.free(scheme), about);
                (place, format!("{{{{ {secret} }}}}"))
            }
            ("http", "bearer") | ("oauth2" | "openIdConnect", _) => {
                let secret = self.secret(names.free("token"), about);
                (authorization(), format!("Bearer {{{{ {secret} }}}}"))
            }
            ("basic", _) | ("http", "basic") => {
                let (user, password) = (names.free("username"), names.free("password"));
                self.variables.insert(user.clone(), about.clone());
                let password = self.secret(password, about);
                (authorization(), format!("Basic {{{{ ({user} ~ ':' ~ {password}) | base64 }}}}"))
            }
            _ => return None,
        };
        Some(Credential { place, value })
    }

    fn secret(&mut self, name: String, about: String) -> String {
        self.secrets.insert(name.clone(), about);
        name
    }
}
