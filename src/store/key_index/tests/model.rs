//! The index against a model: random batches, undos, commits, failed commits and kills, with readers at the durable
//! point and ahead of it, must answer as a multi-map does.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Evaluate(Vec<(u16, u8, bool)>),
    Commit,
    Durable,
    Fail(bool),
    Retry,
    Kill,
    OldReader,
    RequestFlush,
}

const KEYS: u16 = 300;

fn step() -> impl Strategy<Value = Step> {
    let insert = (0..KEYS, 0..4u8, prop::bool::weighted(0.1));
    prop_oneof![
        12 => prop::collection::vec(insert, 0..30).prop_map(Step::Evaluate),
        9 => Just(Step::Commit),
        7 => Just(Step::Durable),
        1 => any::<bool>().prop_map(Step::Fail),
        1 => Just(Step::Retry),
        1 => Just(Step::Kill),
        1 => Just(Step::OldReader),
        1 => Just(Step::RequestFlush),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_answers_as_a_multi_map_whatever_happens(steps in prop::collection::vec(step(), 1..220)) {
        let mut world = World::new(small());
        for (at, step) in steps.into_iter().enumerate() {
            match step {
                Step::Evaluate(keys) => world.evaluate(&keys),
                Step::Commit => world.commit(),
                Step::Durable => world.report_durable(),
                Step::Fail(undo_first) => world.fail(undo_first),
                Step::Retry => world.retry(),
                Step::Kill => world.kill(),
                Step::OldReader => world.take_old_reader(),
                Step::RequestFlush => world.index.request_flush(),
            }
            if at % 8 == 0 {
                world.check(KEYS);
                world.check_file();
            }
        }
        world.check(KEYS);
        world.kill();
        world.check(KEYS);
        world.check_file();
    }
}
