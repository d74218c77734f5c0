//! Judges a call by the text of the recipe: the number and kinds of its arguments.
//!
//! Called by `parser`. Rules that depend on values are in `bounds` and `call`.

use super::ast::Expr;
use super::digest::Algorithm;
use super::error::{Fault, NoValue, RecipeProblem};
use super::functions::{Builtin, Parameter, Signature};
use super::pattern::Pattern;
use super::spelling::likely;
use super::value::Value;

/// Refuses a call that fails in PHP for any values. `at` is where the call starts.
pub(super) fn check(function: Builtin, arguments: &[Expr], at: usize) -> Result<(), Fault> {
    let fault = |problem| Fault { at, problem };
    let Some(signature) = function.signature() else {
        return Err(fault(RecipeProblem::FunctionAlone(function.name())));
    };
    count(signature, arguments.len()).map_err(fault)?;
    let parameters = signature.parameters.iter().chain(signature.parameters.last());
    for (position, (argument, parameter)) in (1..).zip(arguments.iter().zip(parameters)) {
        kind(signature.name, position, *parameter, argument).map_err(fault)?;
    }
    // The values behind a format, beyond the two the loop has seen.
    if signature.repeats && arguments.iter().any(Expr::is_list) {
        return Err(fault(RecipeProblem::List));
    }
    together(function, arguments).map_err(fault)
}

fn count(signature: &Signature, given: usize) -> Result<(), RecipeProblem> {
    let most = signature.parameters.len();
    let least = signature.required;
    if given >= least && (given <= most || signature.repeats) {
        return Ok(());
    }
    let wanted = match (least, most) {
        _ if signature.repeats => format!("at least {}", arguments_word(least)),
        _ if least == most => arguments_word(least),
        _ => format!("{least} to {}", arguments_word(most)),
    };
    Err(RecipeProblem::ArgumentCount { function: signature.name, wanted, given })
}

fn arguments_word(count: usize) -> String {
    if count == 1 { "1 argument".into() } else { format!("{count} arguments") }
}

fn kind(
    function: &'static str,
    position: usize,
    parameter: Parameter,
    argument: &Expr,
) -> Result<(), RecipeProblem> {
    let wanted = |wanted| Err(RecipeProblem::ArgumentType { function, position, wanted });
    match (parameter, argument) {
        (Parameter::TextOrPairs, Expr::Pairs(_)) => Ok(()),
        (Parameter::TextOrList | Parameter::List | Parameter::Values, Expr::Pairs(_)) => {
            wanted("a list without keys")
        }
        (
            Parameter::TextOrList | Parameter::List | Parameter::Values | Parameter::TextOrPairs,
            Expr::List(items),
        ) => {
            let nested = items.iter().any(Expr::is_list);
            if nested { wanted("a list of single values") } else { Ok(()) }
        }
        (
            Parameter::TextOrList | Parameter::List | Parameter::Values | Parameter::TextOrPairs,
            given,
        ) if given.is_list() => Ok(()),
        (Parameter::List | Parameter::Values, _) => wanted("a list such as `[$email, $group]`"),
        (_, given) if given.is_list() => wanted("a single value"),
        _ => Ok(()),
    }
}

/// Checks rules about several arguments, or about the value of a literal one.
fn together(function: Builtin, arguments: &[Expr]) -> Result<(), RecipeProblem> {
    let list = Expr::is_list;
    let wrong = |position, wanted| {
        Err(RecipeProblem::ArgumentType { function: function.name(), position, wanted })
    };
    match (function, arguments) {
        (Builtin::Implode, [only]) if !list(only) => wrong(1, "a list, or a separator and a list"),
        (Builtin::Implode, [separator, _]) if list(separator) => {
            wrong(1, "the separator, and the list as argument 2")
        }
        (Builtin::StrReplace, [search, by, _]) if list(by) && !list(search) => {
            wrong(2, "a single value unless argument 1 is a list")
        }
        (Builtin::Strtr, [_, only]) if !list(only) => {
            wrong(2, "a list such as `['a' => 'b']`, or two texts as arguments 2 and 3,")
        }
        (Builtin::Strtr, [_, pairs, _]) if list(pairs) => {
            wrong(2, "a single value when argument 3 is given")
        }
        (Builtin::PregReplace, [Expr::Literal(Value::Text(pattern)), ..]) => {
            Pattern::parse(pattern)
                .map(|_| ())
                .map_err(|refusal| RecipeProblem::Refused { function: function.name(), refusal })
        }
        (Builtin::PregReplace, _) => wrong(1, "a quoted pattern without names"),
        (Builtin::Hash | Builtin::HashHmac, [Expr::Literal(Value::Text(name)), ..]) => {
            algorithm(function, name)
        }
        _ => Ok(()),
    }
}

fn algorithm(function: Builtin, name: &[u8]) -> Result<(), RecipeProblem> {
    match Algorithm::find(name) {
        None => {
            let name: String = String::from_utf8_lossy(name).chars().take(40).collect();
            let likely = likely(&name, Algorithm::NAMES.iter().copied());
            Err(RecipeProblem::UnknownAlgorithm { name, likely })
        }
        Some(algorithm) if function == Builtin::HashHmac && !algorithm.is_cryptographic() => {
            Err(RecipeProblem::Refused {
                function: function.name(),
                refusal: NoValue::UnkeyedAlgorithm,
            })
        }
        Some(_) => Ok(()),
    }
}
