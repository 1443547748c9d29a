use proptest::prelude::*;

use super::*;

const RULES: Rules = Rules {
    recover_time: Duration::from_secs(15),
    busy_recover_time: Duration::from_secs(5),
    warmup_time: Duration::from_secs(60),
    fall: 2,
    broken: 2,
    rise: 2,
    checked: true,
};
const NOW: Duration = Duration::from_secs(100);
/// When a request was sent, after everything.
const LATE: Duration = Duration::MAX;
const WELL: Condition = Condition {
    why: None,
    pauses: 0,
    paused_at: Duration::ZERO,
    pause_ends: Duration::ZERO,
    broken: 0,
    checks_failed: 0,
    silent: false,
    checks_passed: 0,
    warm_since: None,
    seen: true,
};

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// The pauses when the same thing happens again as soon as the last pause is over.
fn pauses<const N: usize>(happens: impl Fn(Condition, Duration) -> Condition) -> [u64; N] {
    let mut condition = WELL;
    let mut now = NOW;
    [(); N].map(|()| {
        condition = happens(condition, now);
        let ends = condition.down_until();
        assert!(condition.is_down(ends.saturating_sub(Duration::from_nanos(1))));
        assert!(!condition.is_down(ends), "a candidate again without a success");
        let pause = ends - now;
        now = ends;
        pause.as_secs()
    })
}

#[test]
fn a_server_begins_well() {
    assert_eq!(Condition { seen: true, ..Condition::default() }, WELL);
    assert!(WELL.is_plain() && !WELL.is_down(Duration::ZERO));
    assert!(!WELL.is_warming(Duration::ZERO, &RULES));
    assert_eq!((WELL.why(), WELL.warm_since()), (None, None));
}

#[test]
fn a_server_that_was_added_warms() {
    let fresh = Condition::fresh(NOW);
    for (now, warms) in [(100, true), (159, true), (160, false)] {
        assert_eq!(fresh.is_warming(seconds(now), &RULES), warms, "at {now} s");
        let settled = fresh.settled(seconds(now), &RULES);
        assert_eq!(settled, if warms { fresh } else { WELL });
    }
    let at_once = Rules { warmup_time: Duration::ZERO, ..RULES };
    assert!(!fresh.is_warming(NOW, &at_once));
    assert_eq!(fresh.settled(NOW, &at_once), WELL);
    assert!(!fresh.is_down(NOW) && !fresh.is_plain());
}

#[test]
fn a_server_that_was_never_up_does_not_warm_when_it_comes() {
    let new = Condition::default();
    assert!(new.is_plain() && !new.is_well(), "the first answer is worth remembering");
    assert_eq!(new.answered(NOW, LATE, &RULES), WELL);
    assert_eq!(new.check_passed(NOW, &RULES, false), WELL);
    let late = new.unreached(NOW, &RULES);
    assert_eq!(late.warm_since(), None);
    assert_eq!(late.answered(NOW, LATE, &RULES), WELL);
    let later = new.check_failed(false, &RULES).check_failed(false, &RULES);
    assert_eq!(later.check_passed(NOW, &RULES, true), WELL);
    assert!(WELL.unreached(NOW, &RULES).answered(NOW, LATE, &RULES).is_warming(NOW, &RULES));
}

#[test]
fn a_dead_server_does_not_flap_by_what_it_answered_before_it_died() {
    let dead = WELL.unreached(NOW, &RULES);
    assert_eq!(dead.answered(NOW, NOW, &RULES), dead);
    assert_eq!(dead.answered(NOW, seconds(99), &RULES), dead);
    assert!(!dead.answered(NOW, seconds(101), &RULES).is_down(NOW));
    // When the pause is over, whoever answers is there.
    assert!(!dead.answered(seconds(101), seconds(99), &RULES).is_down(seconds(101)));
    let by_checks = dead.check_failed(false, &RULES).check_failed(false, &RULES);
    let heard = by_checks.answered(NOW, seconds(99), &RULES);
    assert!(heard.is_down(seconds(1 << 20)));
}

#[test]
fn only_a_server_that_does_not_answer_its_checks_hangs() {
    let silent = WELL.check_failed(true, &RULES);
    assert!(!silent.hangs());
    assert!(silent.check_failed(true, &RULES).hangs());
    assert!(WELL.check_failed(false, &RULES).check_failed(true, &RULES).hangs());
    // One that stops refuses connections, and finishes what it has begun.
    let refusing = silent.check_failed(false, &RULES);
    assert!(refusing.is_down(NOW) && !refusing.hangs());
    assert!(!WELL.unreached(NOW, &RULES).hangs());
    let back = silent.check_failed(true, &RULES).check_passed(NOW, &RULES, true);
    assert!(!back.hangs());
}

#[test]
fn the_pause_doubles_up_to_the_recover_time() {
    assert_eq!(pauses(|it, now| it.unreached(now, &RULES)), [1, 2, 4, 8, 15, 15]);
}

#[test]
fn failures_of_one_moment_count_once() {
    let first = WELL.unreached(NOW, &RULES);
    assert_eq!(first.unreached(NOW, &RULES), first);
    assert_eq!(first.broken(NOW, &RULES), first);
    assert_eq!(first.busy(NOW, None, &RULES), first);
}

#[test]
fn many_failures_do_not_overflow() {
    let worst = Condition { pauses: u32::MAX, broken: u32::MAX, ..WELL };
    assert_eq!(worst.unreached(NOW, &RULES).down_until(), seconds(115));
    assert_eq!(worst.broken(NOW, &RULES).down_until(), seconds(115));
    let forever = Rules { recover_time: Duration::MAX, ..RULES };
    assert!(worst.unreached(NOW, &forever).is_down(seconds(1 << 30)));
}

#[test]
fn a_recover_time_below_a_second_still_pauses_a_second() {
    let rules = Rules { recover_time: Duration::ZERO, busy_recover_time: Duration::ZERO, ..RULES };
    assert_eq!(pauses(|it, now| it.unreached(now, &rules)), [1, 1]);
    assert_eq!(pauses(|it, now| it.busy(now, None, &rules)), [1, 1]);
}

#[test]
fn bad_answers_put_it_down_when_they_come_in_a_row() {
    let once = WELL.broken(NOW, &RULES);
    assert!(!once.is_down(NOW) && !once.is_plain());
    assert_eq!(once.answered(NOW, LATE, &RULES), WELL);
    let twice = once.broken(NOW, &RULES);
    assert_eq!((twice.is_down(NOW), twice.why()), (true, Some(Why::Broken)));
    assert_eq!(twice.down_until(), seconds(101));
    // One more is enough as soon as it is tried again.
    assert_eq!(twice.broken(seconds(101), &RULES).down_until(), seconds(103));
    for broken in [0, 1] {
        assert!(WELL.broken(NOW, &Rules { broken, ..RULES }).is_down(NOW), "{broken}");
    }
}

#[test]
fn a_busy_server_is_left_alone_as_it_asks_within_bounds() {
    for (retry_after, expected) in [
        (None, [1, 2, 4, 5, 5]),
        (Some(0), [1; 5]),
        (Some(1), [1; 5]),
        (Some(3), [1, 2, 3, 3, 3]),
        (Some(3600), [1, 2, 4, 5, 5]),
    ] {
        let asked = retry_after.map(seconds);
        let pauses = pauses(|it, now| it.busy(now, asked, &RULES));
        assert_eq!(pauses, expected, "Retry-After {retry_after:?}");
    }
    let busy = WELL.busy(NOW, None, &RULES);
    assert_eq!((busy.is_down(NOW), busy.why()), (true, Some(Why::Busy)));
}

#[test]
fn an_answer_brings_it_back_and_it_warms() {
    for condition in [
        WELL.unreached(NOW, &RULES),
        WELL.broken(NOW, &RULES).broken(NOW, &RULES),
        WELL.unreached(NOW, &RULES).unreached(seconds(102), &RULES),
    ] {
        for now in [seconds(102), seconds(500)] {
            assert_eq!(
                condition.answered(now, LATE, &RULES),
                Condition::fresh(now),
                "{condition:?}"
            );
        }
    }
}

#[test]
fn an_answer_does_not_begin_a_warm_up_again() {
    let fresh = Condition::fresh(NOW);
    assert_eq!(fresh.answered(seconds(130), LATE, &RULES), fresh);
    assert_eq!(fresh.check_passed(seconds(130), &RULES, false), fresh);
    assert_eq!(fresh.broken(seconds(130), &RULES).answered(seconds(131), LATE, &RULES), fresh);
}

#[test]
fn answers_of_a_busy_server_do_not_end_its_pause() {
    let busy = WELL.busy(NOW, None, &RULES);
    assert_eq!(busy.answered(NOW, LATE, &RULES), busy);
    assert_eq!(busy.answered(seconds(101), LATE, &RULES), Condition::fresh(seconds(101)));
    // Nor do checks, which a busy server passes, unless nobody else is there.
    let checked = (0..9).fold(busy, |busy, _| busy.check_passed(NOW, &RULES, false));
    assert_eq!(checked, busy);
    assert_eq!(busy.check_passed(NOW, &RULES, true), Condition::fresh(NOW));
}

#[test]
fn after_a_pause_it_begins_with_a_small_share() {
    let paused = WELL.unreached(NOW, &RULES);
    assert!(!paused.is_warming(NOW, &RULES), "it is down");
    assert_eq!(paused.settled(NOW, &RULES), paused);
    assert_eq!(paused.warm_since(), Some(seconds(101)));
    assert!(paused.is_warming(seconds(101), &RULES));
    let settled = paused.settled(seconds(161), &RULES);
    assert_eq!(settled.warm_since(), None);
    assert!(!settled.is_plain(), "its failure is not forgotten without a success");
    assert_eq!(settled.unreached(seconds(161), &RULES).down_until(), seconds(163));
}

#[test]
fn failed_checks_in_a_row_put_it_down_until_checks_pass() {
    let once = WELL.check_failed(false, &RULES);
    assert!(!once.is_down(NOW) && once.is_plain());
    assert_eq!(once.check_passed(NOW, &RULES, false), WELL);
    let down = once.check_failed(false, &RULES);
    assert_eq!((down.down_until(), down.why()), (Duration::MAX, Some(Why::Checks)));
    assert!(down.is_down(Duration::MAX));
    // Neither an answer nor a failure changes that.
    assert_eq!(down.answered(NOW, LATE, &RULES), down);
    assert_eq!(down.unreached(NOW, &RULES), down);
    assert_eq!(down.broken(NOW, &RULES), down);
    let passed = down.check_passed(NOW, &RULES, false);
    assert!(passed.is_down(NOW));
    assert!(passed.check_failed(false, &RULES).check_passed(NOW, &RULES, false).is_down(NOW));
    assert_eq!(passed.check_passed(NOW, &RULES, false), Condition::fresh(NOW));
    assert_eq!(down.check_passed(NOW, &RULES, true), Condition::fresh(NOW), "alone");
}

#[test]
fn an_answer_between_does_not_make_up_for_a_failed_check() {
    let once = WELL.check_failed(false, &RULES);
    for between in [once, once.unreached(NOW, &RULES)] {
        let answered = between.answered(NOW, LATE, &RULES);
        assert!(!answered.is_down(NOW));
        assert_eq!(answered.check_failed(false, &RULES).why(), Some(Why::Checks), "{between:?}");
    }
}

#[test]
fn failed_checks_outlast_a_pause() {
    let down = WELL.unreached(NOW, &RULES).check_failed(false, &RULES).check_failed(false, &RULES);
    assert!(down.is_down(seconds(10_000)));
    assert_eq!(down.why(), Some(Why::Checks));
    assert!(down.answered(NOW, LATE, &RULES).is_down(seconds(10_000)));
    assert!(!down.is_warming(seconds(10_000), &RULES));
}

#[test]
fn one_passed_check_makes_up_for_failed_requests() {
    let paused = WELL.unreached(NOW, &RULES);
    assert_eq!(paused.check_passed(NOW, &RULES, false), Condition::fresh(NOW));
    assert_eq!(WELL.broken(NOW, &RULES).check_passed(NOW, &RULES, false), WELL);
}

#[test]
fn passed_checks_of_better_days_do_not_count() {
    let mut condition = WELL;
    for _ in 0..9 {
        condition = condition.check_passed(NOW, &RULES, false);
    }
    let down = condition.check_failed(false, &RULES).check_failed(false, &RULES);
    assert!(down.check_passed(NOW, &RULES, false).is_down(NOW));
}

#[test]
fn checks_that_are_switched_off_say_nothing() {
    let off = Rules { checked: false, ..RULES };
    assert_eq!(WELL.check_failed(true, &off).check_failed(true, &off), WELL);
    let paused = WELL.unreached(NOW, &RULES);
    assert_eq!(paused.check_passed(NOW, &off, true), paused);
    // One that they put down before they were switched off needs only an answer.
    let down = WELL.check_failed(false, &RULES).check_failed(false, &RULES);
    assert_eq!(down.answered(NOW, LATE, &off), Condition::fresh(NOW));
}

#[test]
fn every_reason_can_be_read() {
    for (why, text) in [
        (Why::Unreached, "cannot be reached"),
        (Why::Broken, "broken answers"),
        (Why::Busy, "busy"),
        (Why::Checks, "failed health checks"),
    ] {
        assert_eq!(why.to_string(), text);
    }
}

#[derive(Debug, Clone)]
enum Event {
    Unreached,
    Broken,
    Busy(Option<Duration>),
    Answered,
    CheckFailed,
    CheckPassed(bool),
    Settled,
}

fn happens(condition: Condition, event: &Event, now: Duration, rules: &Rules) -> Condition {
    match event {
        Event::Unreached => condition.unreached(now, rules),
        Event::Broken => condition.broken(now, rules),
        Event::Busy(asked) => condition.busy(now, *asked, rules),
        Event::Answered => condition.answered(now, LATE, rules),
        Event::CheckFailed => condition.check_failed(true, rules),
        Event::CheckPassed(alone) => condition.check_passed(now, rules, *alone),
        Event::Settled => condition.settled(now, rules),
    }
}

/// Short and long times, and the longest.
fn time() -> impl Strategy<Value = Duration> {
    prop_oneof![
        8 => (0_u64..40_000).prop_map(Duration::from_millis),
        1 => any::<u64>().prop_map(Duration::from_secs),
        1 => Just(Duration::MAX),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Unreached),
        Just(Event::Broken),
        proptest::option::of(time()).prop_map(Event::Busy),
        Just(Event::Answered),
        Just(Event::CheckFailed),
        any::<bool>().prop_map(Event::CheckPassed),
        Just(Event::Settled),
    ]
}

fn rules() -> impl Strategy<Value = Rules> {
    (time(), time(), time(), 0_u32..5, 0_u32..5, 0_u32..5).prop_map(
        |(recover_time, busy_recover_time, warmup_time, fall, broken, rise)| Rules {
            recover_time,
            busy_recover_time,
            warmup_time,
            fall,
            broken,
            rise,
            checked: true,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_rules_hold(
        events in prop::collection::vec((event(), time()), 0..60),
        rules in rules(),
        alone in any::<bool>(),
    ) {
        let mut condition = Condition::default();
        let mut now = Duration::ZERO;
        for (event, later) in &events {
            now = now.saturating_add(*later);
            let was_down = condition.is_down(now);
            condition = happens(condition, event, now, &rules);
            if !was_down && condition.is_down(now) && condition.why() != Some(Why::Checks) {
                let longest = match condition.why() {
                    Some(Why::Busy) => rules.busy_recover_time,
                    _ => rules.recover_time,
                };
                let pause = condition.down_until() - now;
                prop_assert!(pause <= longest.max(FIRST_PAUSE), "{:?}", condition);
            }
            prop_assert!(!condition.is_well() || condition == condition.answered(now, LATE, &rules));
            prop_assert!(!condition.is_plain() || !condition.is_down(now));
            prop_assert!(!condition.is_warming(now, &rules) || !condition.is_down(now));
        }
        // What is the least that brings it back?
        if condition.why() == Some(Why::Busy) {
            now = now.max(condition.down_until());
        }
        let checks = if alone { 1 } else { rules.rise.max(1) };
        for _ in 0..checks {
            condition = condition.check_passed(now, &rules, alone);
        }
        prop_assert!(!condition.is_down(now), "{:?}", condition);
        let settled = condition.settled(now.saturating_add(rules.warmup_time), &rules);
        prop_assert!(settled.is_plain() || now.saturating_add(rules.warmup_time) == Duration::MAX);
    }
}
