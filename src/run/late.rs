//! Cases that meet the deadline, told as they do. Results come in the suite's order: where each case waits that long, it
//! takes several times as long until those that show that nobody answers are there.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// After how many cases in a row without a usable answer the control is asked whether the target is there.
pub(super) const SILENT: usize = 5;
/// After how many in a row there is no hope for a target that has answered few others.
const HOPELESS: usize = 15;
/// How many times as many they are than those others.
const TIMES: usize = 3;

/// The cases that met the deadline since one was answered otherwise.
#[derive(Debug, Default)]
pub(super) struct Late {
    in_a_row: AtomicUsize,
    /// How many cases were answered.
    answered: AtomicUsize,
    told: Notify,
}

impl Late {
    /// Takes in a case that met the deadline.
    pub(super) fn add(&self) {
        let in_a_row = self.in_a_row.fetch_add(1, Ordering::SeqCst) + 1;
        if in_a_row.is_multiple_of(SILENT) {
            self.told.notify_one();
        }
    }

    /// Takes in a case that was answered.
    pub(super) fn add_answered(&self) {
        self.in_a_row.store(0, Ordering::SeqCst);
        self.answered.fetch_add(1, Ordering::SeqCst);
    }

    /// Waits until so many have met the deadline that the target may have stopped answering.
    pub(super) async fn told(&self) {
        self.told.notified().await;
    }

    /// How many cases have met the deadline, where these are enough, and enough of all, to expect no answer any more.
    pub(super) fn hopeless(&self) -> Option<usize> {
        let in_a_row = self.in_a_row.load(Ordering::SeqCst);
        let answered = self.answered.load(Ordering::SeqCst);
        (in_a_row >= HOPELESS && in_a_row >= answered.saturating_mul(TIMES)).then_some(in_a_row)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn add(late: &Late, times: usize) {
        (0..times).for_each(|_| late.add());
    }

    #[test]
    fn five_in_a_row_are_told_and_an_answer_in_between_begins_anew() {
        let late = Late::default();
        add(&late, 4);
        late.add_answered();
        add(&late, 4);
        assert_eq!(late.told().now_or_never(), None);
        add(&late, 1);
        assert_eq!(late.told().now_or_never(), Some(()));
    }

    #[test]
    fn there_is_no_hope_where_many_met_the_deadline_and_few_were_ever_answered() {
        let late = Late::default();
        add(&late, HOPELESS - 1);
        assert_eq!(late.hopeless(), None);
        add(&late, 1);
        assert_eq!(late.hopeless(), Some(HOPELESS));
        (0..HOPELESS / TIMES).for_each(|_| late.add_answered());
        add(&late, HOPELESS);
        assert_eq!(late.hopeless(), Some(HOPELESS));
        late.add_answered();
        add(&late, HOPELESS);
        assert_eq!(late.hopeless(), None);
    }
}
