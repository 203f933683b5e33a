//! What a file's schemas are called besides by their pointers: by `$id`, `$anchor` and `$dynamicAnchor` (JSON Schema 2020-12,
//! Core, 8.2).

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Url;

use crate::pointer;
use crate::source::{Node, NodeValue};

/// What is data and no schema, whatever it looks like.
const DATA: &[&str] = &["const", "enum", "default", "example", "examples"];

/// The names in one file; every place is a pointer into it.
#[derive(Debug)]
pub(super) struct Names {
    /// The schemas with an identifier of their own, and the file itself.
    resources: Vec<(String, Url)>,
    /// From a resource's place and a name to the schema's.
    anchors: BTreeMap<(String, String), String>,
    /// The names that are dynamic, each with where.
    pub(super) dynamic: BTreeSet<(String, String)>,
}

impl Names {
    /// The names in a file, which has a URL itself.
    pub(super) fn of(node: &Node, text: &str, url: Url) -> Self {
        let mut names =
            Self { resources: vec![(String::new(), url.clone())], anchors: BTreeMap::new(), dynamic: BTreeSet::new() };
        // Few documents have any, and walking millions of values takes time.
        if ["$id", "$anchor", "$dynamicAnchor"].iter().any(|keyword| text.contains(keyword)) {
            names.collect(node, &mut String::new(), "", &url);
        }
        names
    }

    fn collect(&mut self, node: &Node, at: &mut String, resource: &str, url: &Url) {
        let end = at.len();
        let (mut resource, mut url) = (resource.to_owned(), url.clone());
        match &node.value {
            NodeValue::Map(entries) => {
                if let Some(joined) = node.str_at("$id").and_then(|id| url.join(id).ok()) {
                    (resource, url) = (at.clone(), joined);
                    url.set_fragment(None);
                    self.resources.retain(|(known, _)| *known != resource);
                    self.resources.push((resource.clone(), url.clone()));
                }
                for key in ["$anchor", "$dynamicAnchor"] {
                    if let Some(name) = node.str_at(key) {
                        self.anchors.entry((resource.clone(), name.to_owned())).or_insert_with(|| at.clone());
                    }
                }
                self.dynamic.extend(node.str_at("$dynamicAnchor").map(|name| (name.to_owned(), at.clone())));
                for entry in entries.iter().filter(|entry| !DATA.contains(&entry.key.as_str())) {
                    pointer::push(at, &entry.key);
                    self.collect(&entry.value, at, &resource, &url);
                    at.truncate(end);
                }
            }
            NodeValue::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    pointer::push(at, &index.to_string());
                    self.collect(item, at, &resource, &url);
                    at.truncate(end);
                }
            }
            _ => {}
        }
    }

    /// The place and the URL of the resource that a place is in.
    pub(super) fn around(&self, place: &str) -> Option<(&str, &Url)> {
        let is_in = |(at, _): &&(String, Url)| pointer::behind(place, at).is_some();
        self.resources.iter().filter(is_in).max_by_key(|(at, _)| at.len()).map(|(at, url)| (at.as_str(), url))
    }

    /// The place of the resource with a URL.
    pub(super) fn resource(&self, url: &Url) -> Option<&str> {
        self.resources.iter().find(|(_, known)| known == url).map(|(at, _)| at.as_str())
    }

    /// The place that a fragment means in the resource at a place.
    pub(super) fn place(&self, resource: &str, fragment: &str) -> Option<String> {
        match self.anchors.get(&(resource.to_owned(), fragment.to_owned())) {
            Some(place) => Some(place.clone()),
            None => Some(format!("{resource}{}", pointer::from_fragment(fragment)?)),
        }
    }
}
