//! The cases that are sent to every site: each method with each code that a client can provoke,
//! each URL form, and the headers that change an answer.
//!
//! If a case needs a value of the site (a package, an account), a name stands between braces;
//! without a value the case is left out, and that is reported.

mod absent;
mod calls;
mod core;
mod forms;
mod headers;

use super::case::{Case, Judged};
use super::values::UnknownName;

/// The operator's facts about the plugin.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plugin {
    /// It has no `keybymail`, only `keybyemail`.
    pub without_keybymail: bool,
    /// It takes an empty parameter for a missing one.
    pub empty_is_missing: bool,
}

/// All of them, in the order they are asked.
///
/// # Errors
/// A mistake in a case.
pub fn cases(plugin: Plugin) -> Result<Vec<Case>, UnknownName> {
    let mut cases = core::cases()?;
    cases.extend(calls::cases()?);
    // Packages are large, and these cases ask for the same one again and again.
    let others = forms::cases()?.into_iter().chain(headers::cases()?);
    cases.extend(others.map(|case| Case { start_is_enough: true, ..case }));
    for case in &mut cases {
        if plugin.without_keybymail && case.name.starts_with("keybymail:") {
            case.judged = Judged::Never;
        } else if case.judged == Judged::AsEmpty && plugin.empty_is_missing {
            case.judged = Judged::AsMissing;
        }
    }
    Ok(cases)
}
