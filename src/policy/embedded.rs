//! The policies and plans that come with the engine.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::model::Policy;
use super::plan::Plans;
use super::section::ConfigErrors;

/// The embedded policies: id and text.
const POLICIES: [(&str, &str); 2] = [
    ("cigna-0139", include_str!("../../policies/cigna-0139.toml")),
    (
        "caresource-ar-passe-mm-1503",
        include_str!("../../policies/caresource-ar-passe-mm-1503.toml"),
    ),
];

/// Where claims go when no plans file is given.
const DEFAULT_PLANS: &str = include_str!("../../policies/default-plans.toml");

/// Why a policy, given by id or path, cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It is neither embedded nor a file that can be read.
    #[error("{0}")]
    NotFound(String),
    /// Its file is wrong.
    #[error(transparent)]
    Wrong(#[from] ConfigErrors),
}

/// The ids of the embedded policies.
pub fn embedded_ids() -> impl Iterator<Item = &'static str> {
    POLICIES.iter().map(|(id, _)| *id)
}

/// The policy of that id, or in that file; a relative path starts at `folder`.
///
/// # Errors
///
/// No such policy, a file that cannot be read, and everything wrong in it.
pub fn find_policy(name: &str, folder: &Path) -> Result<Arc<Policy>, PolicyError> {
    if let Some((id, text)) = POLICIES.iter().find(|(id, _)| *id == name) {
        return Ok(Arc::new(Policy::from_toml(&format!("{id}.toml"), text)?));
    }
    if !name.ends_with(".toml") {
        let known: Vec<&str> = embedded_ids().collect();
        return Err(PolicyError::NotFound(format!(
            "no policy is called `{name}`: name one of {}, or a file ending in .toml",
            known.join(", ")
        )));
    }
    let path = folder.join(name);
    let text = fs::read_to_string(&path).map_err(|error| {
        PolicyError::NotFound(format!("{}: cannot be read: {error}", path.display()))
    })?;
    Ok(Arc::new(Policy::from_toml(
        &path.display().to_string(),
        &text,
    )?))
}

impl Plans {
    /// Reads the plans in a file. Policies that it names by path are looked for beside it.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, and everything wrong in it or in the policies it names.
    pub fn from_file(path: &Path) -> Result<Self, PolicyError> {
        let text = fs::read_to_string(path).map_err(|error| {
            PolicyError::NotFound(format!("{}: cannot be read: {error}", path.display()))
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut resolve = |name: &str| find_policy(name, folder);
        Ok(Self::from_toml(
            &path.display().to_string(),
            &text,
            &mut resolve,
        )?)
    }

    /// The embedded plans.
    ///
    /// # Errors
    ///
    /// None, as long as the embedded files are right: a test reads them.
    pub fn embedded() -> Result<Self, PolicyError> {
        let mut resolve = |name: &str| find_policy(name, Path::new(""));
        Ok(Self::from_toml(
            "default-plans.toml",
            DEFAULT_PLANS,
            &mut resolve,
        )?)
    }
}
