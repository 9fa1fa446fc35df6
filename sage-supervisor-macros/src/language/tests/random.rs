//! Tests with random tokens, and with valid input that has random mistakes in it.
//!
//! `SAGE_MACRO_CASES` is the number of cases of each kind; `SAGE_MACRO_SEED` repeats a run.

use std::env;
use std::str::FromStr;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use super::holds::{for_a_block, for_a_function};
use super::{BROKEN, FUNCTION, NAMED, VALID, tokens};

/// The words of the language, and words that may be written in their place.
const WORDS: &str = r#"
    name strategy start stop max_restarts within backoff auto_shutdown keep_alive temporary_siblings kill_grace
    unresponsive_timeout child_spans tolerate_unclean_stop shutdown_budget restart shutdown ready_within heartbeat every significant instances when version clone lend tree
    initial max factor jitter reset_after forgive_after give_up_if crate supervisor child cfg doc allow worker storage db
    fn async move let for if else match loop return break await self mut pub where impl dyn as
    true false r#match _ Ok Err ChildContext Lent Supervisor children vec format tokio spawn cancelled replicas
    "app" "one_for_one" "rest_for_one" "transient" "temporary" "permanent" "5s" "0s" "1m" "5" "soon"
    "brutal_kill" "infinity" "any_significant" "together" "in_order" "unlimited" "" r"1h" b"5s" 'c' 0 3 5s 1.5 -1 4294967296
    = == => -> : :: , , ; . .. ? ! & | || < > + += # $ @
"#;

/// A valid block in which every name occurs once, and no name occurs in generated code: a lost name
/// is noticed.
const NAMES: &str = r"
    name = heading(amber), strategy = basil, start = tamarind, stop = teak, max_restarts = cedar.daisy(), within = elder,
    backoff = fennel(garlic, |hazel, indigo| jasmine), auto_shutdown = kelp, keep_alive = laurel,
    temporary_siblings = maple, kill_grace = nettle, unresponsive_timeout = olive,
    tolerate_unclean_stop = peach, child_spans = quassia,

    #[cfg(poppy)]
    #[child(restart = quince, shutdown = saffron, ready_within = raisin, heartbeat = sorrel,
        max_restarts = thyme, within = umber, give_up_if = sycamore, instances = sumac, when = spruce)]
    first_entry = violet::<walnut, xylem>(async |yarrow| zinnia),

    #[child(significant, backoff(initial = acorn, max = birch, factor = clover, jitter = dahlia,
        reset_after = endive))]
    second_entry = supervisor! {
        name = fig_tree,

        #[child(clone(ginger, hyssop), lend(iris_leaf))]
        third_entry = async move |juniper: lotus<mallow, nutmeg>| -> orchid { parsley(rowan) },

        #[child]
        #[allow(sage_leaf)]
        fourth_entry = |tulip, vetch| willow?,
    }
    .kill_grace(yucca),
";

#[derive(Clone, Debug)]
enum Piece {
    Word(&'static str),
    Group(Delimiter, Vec<Self>),
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let word = select(WORDS.split_whitespace().collect::<Vec<_>>()).prop_map(Piece::Word);
    let delimiter =
        select(vec![Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket, Delimiter::None]);
    let piece = word.prop_recursive(4, 60, 8, move |inner| {
        (delimiter.clone(), prop::collection::vec(inner, 0..8))
            .prop_map(|(delimiter, inside)| Piece::Group(delimiter, inside))
    });
    prop::collection::vec(piece, 0..24)
}

fn stream(pieces: &[Piece]) -> TokenStream {
    let one = |piece: &Piece| match piece {
        Piece::Word(word) => tokens(word),
        Piece::Group(delimiter, inside) => {
            TokenTree::from(Group::new(*delimiter, stream(inside))).into()
        }
    };
    pieces.iter().flat_map(one).collect()
}

/// A mistake at one of the tokens.
#[derive(Clone, Debug)]
enum Edit {
    Delete,
    Double,
    SwapWithNext,
    Replace(Vec<Piece>),
    Insert(Vec<Piece>),
    Wrap(Delimiter),
    Unwrap,
}

fn edits() -> impl Strategy<Value = Vec<(Index, Edit)>> {
    let delimiter = select(vec![Delimiter::Parenthesis, Delimiter::Brace, Delimiter::None]);
    let edit = prop_oneof![
        Just(Edit::Delete),
        Just(Edit::Double),
        Just(Edit::SwapWithNext),
        Just(Edit::Unwrap),
        delimiter.prop_map(Edit::Wrap),
        pieces().prop_map(|mut pieces| {
            pieces.truncate(2);
            Edit::Replace(pieces)
        }),
        pieces().prop_map(|mut pieces| {
            pieces.truncate(2);
            Edit::Insert(pieces)
        }),
    ];
    prop::collection::vec((any::<Index>(), edit), 1..4)
}

/// Returns the number of tokens, with those inside of groups.
fn count(tokens: &[TokenTree]) -> usize {
    let inside = |token: &TokenTree| match token {
        TokenTree::Group(group) => count(&group.stream().into_iter().collect::<Vec<_>>()),
        _ => 0,
    };
    tokens.iter().map(|token| 1 + inside(token)).sum()
}

/// Returns the tokens with the edit at the token with this number.
fn edited(tokens: TokenStream, at: &mut usize, edit: &Edit) -> TokenStream {
    let mut tokens = tokens.into_iter().peekable();
    let mut result = TokenStream::new();
    while let Some(token) = tokens.next() {
        if *at == 0 {
            *at = usize::MAX;
            match edit {
                Edit::Delete => {}
                Edit::Double => result.extend([token.clone(), token]),
                Edit::SwapWithNext => result.extend(tokens.next().into_iter().chain([token])),
                Edit::Replace(pieces) => result.extend(stream(pieces)),
                Edit::Insert(pieces) => {
                    result.extend(stream(pieces));
                    result.extend([token]);
                }
                Edit::Wrap(delimiter) => {
                    result.extend([TokenTree::from(Group::new(*delimiter, token.into()))]);
                }
                Edit::Unwrap => match token {
                    TokenTree::Group(group) => result.extend(group.stream()),
                    other => result.extend([other]),
                },
            }
            continue;
        }
        *at = at.wrapping_sub(1);
        result.extend([match token {
            TokenTree::Group(group) => {
                Group::new(group.delimiter(), edited(group.stream(), at, edit)).into()
            }
            other => other,
        }]);
    }
    result
}

fn with_mistakes(text: &str, edits: &[(Index, Edit)]) -> TokenStream {
    edits.iter().fold(tokens(text), |tokens, (index, edit)| {
        let size = count(&tokens.clone().into_iter().collect::<Vec<_>>());
        let mut at = if size == 0 { 0 } else { index.index(size) };
        edited(tokens, &mut at, edit)
    })
}

fn number<T: FromStr>(name: &str) -> Option<T> {
    env::var(name).ok()?.parse().ok()
}

/// Runs `check` on the configured number of inputs.
fn for_all<S: Strategy>(inputs: S, check: impl Fn(S::Value) -> Result<(), String>) {
    let cases = number("SAGE_MACRO_CASES").unwrap_or(1_000);
    let seed = number::<u64>("SAGE_MACRO_SEED").unwrap_or_else(rand_seed);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let run = runner.run(&inputs, |input| check(input).map_err(TestCaseError::fail));
    if let Err(failure) = run {
        panic!("SAGE_MACRO_SEED={seed}\n{failure}");
    }
}

fn rand_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(())
}

#[test]
fn any_tokens_are_a_block_or_a_mistake() {
    for_all(pieces(), |pieces| for_a_block(&stream(&pieces)));
}

#[test]
fn any_tokens_are_a_function_or_a_mistake() {
    for_all((pieces(), pieces()), |(arguments, item)| {
        for_a_function(&stream(&arguments), &stream(&item))
    });
}

#[test]
fn a_block_with_mistakes_is_a_block_or_a_mistake() {
    for_all((select(vec![NAMES, VALID, BROKEN, NAMED]), edits()), |(text, edits)| {
        for_a_block(&with_mistakes(text, &edits))
    });
}

#[test]
fn a_function_with_mistakes_is_a_function_or_a_mistake() {
    let arguments = r#"restart = "transient", shutdown = grace.min(limit), heartbeat = "1s", backoff(initial = "1s"), significant"#;
    for_all((edits(), edits()), |(of_arguments, of_item)| {
        for_a_function(&with_mistakes(arguments, &of_arguments), &with_mistakes(FUNCTION, &of_item))
    });
}

#[test]
fn a_valid_block_holds_and_has_no_mistakes() {
    assert_eq!(super::mistakes(NAMES), Vec::<String>::new());
    assert_eq!(for_a_block(&tokens(NAMES)), Ok(()));
}

#[test]
fn an_edit_is_made_at_its_token() {
    let edited = |at: usize, edit| edited(tokens("a ( b c ) d"), &mut { at }, &edit).to_string();
    assert_eq!(edited(0, Edit::Delete), "(b c) d");
    assert_eq!(edited(1, Edit::Unwrap), "a b c d");
    assert_eq!(edited(2, Edit::SwapWithNext), "a (c b) d");
    assert_eq!(edited(3, Edit::Double), "a (b c c) d");
    assert_eq!(edited(4, Edit::Wrap(Delimiter::Brace)), "a (b c) { d }");
}
