//! Small faults that can be switched on, to see that the tests find them.
//!
//! In a build with `--cfg pika_mutants` the environment variable `PIKA_MUTANT` names the fault that a
//! process has. In every other build only what is right is compiled.

/// Evaluates the first expression, or the second in a process that has the named fault.
#[cfg(not(pika_mutants))]
macro_rules! mutant {
    ($name:literal, $right:expr, $wrong:expr) => {
        $right
    };
}

/// Evaluates the first expression, or the second in a process that has the named fault.
#[cfg(pika_mutants)]
macro_rules! mutant {
    ($name:literal, $right:expr, $wrong:expr) => {
        if $crate::mutants::is_on($name) {
            $wrong
        } else {
            $right
        }
    };
}

/// Whether this process has the named fault.
#[cfg(pika_mutants)]
pub(crate) fn is_on(name: &str) -> bool {
    static FAULT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    FAULT.get_or_init(|| std::env::var("PIKA_MUTANT").unwrap_or_default()) == name
}
