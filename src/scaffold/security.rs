//! Credentials, as the document's security schemes have them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

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

/// What is given for a credential.
#[derive(Debug, Clone)]
pub(super) struct Given {
    /// What it is.
    pub(super) about: String,
    /// Whether a run can do without: it is for obtaining another one.
    pub(super) optional: bool,
    /// How it is asked for where nobody gives it.
    pub(super) obtain: Option<Value>,
}

/// The credentials of a suite, and what is given for them by name.
#[derive(Default)]
pub(super) struct Security {
    pub(super) secrets: BTreeMap<String, Given>,
    pub(super) variables: BTreeMap<String, Given>,
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
            ("oauth2", _) if token_url(document, at).is_some() => {
                let secret = self.client_credentials(token_url(document, at)?, scheme, names);
                (authorization(), format!("Bearer {{{{ {secret} }}}}"))
            }
            ("http", "bearer") | ("oauth2" | "openIdConnect", _) => {
                let secret = self.secret(names.free("token"), about);
                (authorization(), format!("Bearer {{{{ {secret} }}}}"))
            }
            ("basic", _) | ("http", "basic") => {
                let (user, password) = (names.free("username"), names.free("password"));
                self.variables.insert(user.clone(), Given::needed(about.clone()));
                let password = self.secret(password, about);
                (authorization(), format!("Basic {{{{ ({user} ~ ':' ~ {password}) | base64 }}}}"))
            }
            _ => return None,
        };
        Some(Credential { place, value })
    }

    fn secret(&mut self, name: String, about: String) -> String {
        self.secrets.insert(name.clone(), Given::needed(about));
        name
    }

    /// A token that client and secret are exchanged for (RFC 6749, sections 2.3.1 and 4.4), unless one is given.
    fn client_credentials(&mut self, url: &str, scheme: &str, names: &mut Names) -> String {
        let (client, secret, token) = (names.free("client_id"), names.free("client_secret"), names.free("token"));
        let about = |what: &str| format!("{what} of the security scheme {scheme}, for which a token is obtained");
        // Where secrets go is for those to say who give them.
        let origin = names.free("token_server");
        let (server, path) = match url.split_once("://") {
            Some((_, rest)) => url.split_at(url.len() - rest.len() + rest.find('/').unwrap_or(rest.len())),
            None => ("the API's", url),
        };
        let path = if path.is_empty() { "/" } else { path };
        self.variables
            .insert(origin.clone(), Given::optional(about(&format!("the URL of the token server ({server})"))));
        self.variables.insert(client.clone(), Given::optional(about("the client")));
        self.secrets.insert(secret.clone(), Given::optional(about("the client's secret")));
        let credentials = format!("Basic {{{{ ({client} | urlencode ~ ':' ~ {secret} | urlencode) | base64 }}}}");
        let headers = json!({ "Authorization": credentials, "Content-Type": "application/x-www-form-urlencoded" });
        let request = json!({ "method": "POST", "url": format!("{{{{ {origin} }}}}{path}"), "headers": headers, "body": { "grant_type": "client_credentials" } });
        let given = Given {
            about: format!(
                "for the security scheme {scheme}; else {client}, {secret} and {origin}, with which it is obtained"
            ),
            optional: false,
            obtain: Some(json!({ "request": request, "take": "/body/access_token" })),
        };
        self.secrets.insert(token.clone(), given);
        token
    }
}

impl Given {
    fn needed(about: String) -> Self {
        Self { about, optional: false, obtain: None }
    }

    fn optional(about: String) -> Self {
        Self { optional: true, ..Self::needed(about) }
    }
}

/// Where a scheme has client credentials exchanged for a token: a URL, or a path at the target.
fn token_url<'a>(document: Document<'a>, at: &str) -> Option<&'a str> {
    let flow = pointer::join(&pointer::join(at, "flows"), "clientCredentials");
    let is_application = document.text(&pointer::join(at, "flow")) == Some("application");
    let at = if is_application { at.to_owned() } else { flow };
    let url = document.text(&pointer::join(&at, "tokenUrl"))?;
    let is_usable = !url.contains(|c: char| c.is_whitespace() || c.is_control() || "{}?#@\\".contains(c));
    (is_usable && (url.starts_with('/') || url.starts_with("https://") || url.starts_with("http://"))).then_some(url)
}
