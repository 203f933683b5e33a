//! Whether a CI server runs this.

/// Whether one does: it sets `CI`, but for Azure Pipelines, which sets `TF_BUILD`.
pub(super) fn is_ci(variable: impl Fn(&str) -> Option<String>) -> bool {
    match variable("CI").as_deref() {
        Some("" | "0" | "false") => false,
        Some(_) => true,
        None => variable("TF_BUILD").is_some(),
    }
}
