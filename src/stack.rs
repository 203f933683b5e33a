//! A stack for what recurses deeply.

use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

/// The stack of a thread that reads or judges what is deep, in bytes: as much as the deepest body takes that may be asked for, and
/// more than a file may. Of what isn't used, there is none.
pub const DEEP_STACK: usize = 64 << 20;

thread_local! {
    /// Whether this thread has such a stack.
    static IS_DEEP: Cell<bool> = const { Cell::new(false) };
}

/// Does this on such a stack: on the thread that it is called on, where that has one, and else on another. What panics there
/// gives its panic.
///
/// # Errors
/// The system gives no more threads.
pub fn on_a_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<thread::Result<T>> {
    if IS_DEEP.get() {
        return Ok(catch_unwind(AssertUnwindSafe(work)));
    }
    thread::scope(|scope| {
        let deep = || {
            IS_DEEP.set(true);
            work()
        };
        let thread = thread::Builder::new().name("deep".to_owned()).stack_size(DEEP_STACK).spawn_scoped(scope, deep)?;
        Ok(thread.join())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_within_stays_on_the_same_thread() {
        let inner = || on_a_deep_stack(|| thread::current().id());
        let (outer, inner) = on_a_deep_stack(|| (thread::current().id(), inner().unwrap().unwrap())).unwrap().unwrap();
        assert_eq!(outer, inner);
        assert_ne!(outer, thread::current().id());
    }

    #[test]
    fn a_panic_within_ends_nothing_else() {
        let panicked = || on_a_deep_stack(|| std::panic::resume_unwind(Box::new("no"))).unwrap().is_err();
        assert!(on_a_deep_stack(panicked).unwrap().unwrap());
    }
}
