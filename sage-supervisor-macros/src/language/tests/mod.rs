//! Tests of all stages together, on tokens.

mod delays;
mod editor;
mod holds;
mod limits;
mod named;
mod random;
mod rules;
mod words;

use proc_macro2::{Group, TokenStream, TokenTree};

use crate::language::diag::{Diag, Place};
use crate::language::split::List;
use crate::language::stages::checked_tree;
use crate::language::{block, child_fn};

const VALID: &str = r#"
    name = "app", strategy = "rest_for_one", start = "together", stop = order(a, b), max_restarts = 3, within = "5s", shutdown_budget = "2m",
    forgive_after = "5s",
    auto_shutdown = "any_significant", keep_alive = true, temporary_siblings = "remove",
    kill_grace = grace.min(limit), unresponsive_timeout = "1m", child_spans = false, tolerate_unclean_stop = true,
    backoff(initial = "100ms", max = "1s", factor = 1.5, jitter = 0, reset_after = grace.max(limit)),

    #[child(restart = "transient", shutdown = "10s", ready_within = "5s", backoff = f(a, |b, c| d), significant, clone(db, log), lend(rx))]
    importer = async move |ctx: Context<A, B>| -> Result<(), Error> { db.read().await?; Ok(()) },

    #[cfg(unix)]
    #[child(heartbeat = "10s", every = "5m", forgive_after = grace, instances = 4, when = a.b(c), version = (config.port, 1))]
    worker = move |a, b| f::<A, B>(a, b),

    #[child(shutdown = "1s", max_restarts = 3, within = grace.min(limit), backoff(initial = a.b()))]
    storage = supervisor! {
        #[child(shutdown = grace.min(limit))]
        pool = <Pool as Start<A, B>>::spec(x as Map<A, B>, |a, b| c),
    }
    .keep_alive(true),
"#;

const BROKEN: &str = r#"
    max-restarts = 3,
    let size = 3;
    for i in 0..size { #[child] worker = f }
    if a { #[child] one = f } else { #[child] two = f },

    #[child(transient, name = "x")] worker-1 = f(),
    backoff(intial = "1s", , factor(2) "x"), backoff,
    #[child(clone(a), lend(a, b.c), backoff = "1s", heartbeat)] "worker 2" = g::<A, B>(a, b.clone()),
"#;

const NAMED: &str = r#"
    /// Storage: the pool first.
    ///
    /// More.
    #[must_use]
    #[cfg(unix)]
    pub(crate) fn storage<T: Into<Config<A, B>>, const N: usize>(
        config: T, (a, b): (B, fn(A) -> C), d: [u8; N],
    ) -> sage::Supervisor where T: Clone, [u8; { N }]: Sized {
        strategy = "rest_for_one",

        /// Connections.
        #[cfg(here)]
        #[child(shutdown = "20s", clone(config))]
        pool = async move |ctx| pool(ctx, config, a, b, d).await,

        #[cfg(there)]
        #[child]
        nested = supervisor! {
            #[cfg(elsewhere)]
            #[child(restart = "temporary")]
            value = value,
        },
    }

    fn app() -> Supervisor {
        shutdown_budget = "30s",

        /// What is kept.
        #[child(tree, shutdown = "20s")]
        storage = self::db::storage::<Map<A, B>>(config(), e, f).keep_alive(true),
    }
"#;

const FUNCTION: &str = r"
    /// Docs.
    #[tracing::instrument]
    pub(crate) async fn f<'a, T: Fn(A, B) -> C, const N: usize>(
        ctx: Context, mut a: Map<A, B>, (b, c): (B, fn(A) -> C), d: &'static str,
        e: x::Lent<Map<A, B>>,
    ) -> Result<(), E> where T: Clone { body(); }
";

fn tokens(text: &str) -> TokenStream {
    text.parse().expect("the test is made of tokens")
}

/// Returns the first line of each message about a block.
fn mistakes(text: &str) -> Vec<String> {
    let mut diag = Diag::default();
    checked_tree(tokens(text), List::Block, Place::call_site(), None, &mut diag);
    let first_line = |text: String| text.lines().next().unwrap_or_default().to_owned();
    diag.into_texts().into_iter().map(first_line).collect()
}

fn expand(block: TokenStream) -> String {
    let mut input = tokens("{ $crate }");
    input.extend(block);
    let expanded = block::expand(input).to_string();
    // The supervisor comes behind the code for editors, which repeats every key.
    let (_, supervisor) = expanded.split_once("cfg (rust_analyzer)").expect("it comes first");
    let (_, supervisor) = supervisor.split_once("} } ").expect("it ends");
    supervisor.to_owned()
}

/// Returns every prefix of the tokens, also inside of groups.
fn prefixes(tokens: TokenStream) -> Vec<TokenStream> {
    let tokens = tokens.into_iter().collect::<Vec<_>>();
    let mut all = Vec::new();
    for end in 0..=tokens.len() {
        let prefix = &tokens[..end];
        all.push(prefix.iter().cloned().collect());
        if let Some(TokenTree::Group(group)) = tokens.get(end) {
            for inside in prefixes(group.stream()) {
                let cut = TokenTree::from(Group::new(group.delimiter(), inside));
                all.push(prefix.iter().cloned().chain([cut]).collect());
            }
        }
    }
    all
}

/// Returns the tokens without one of them, for each of them, also inside of groups.
fn gaps(tokens: TokenStream) -> Vec<TokenStream> {
    let tokens = tokens.into_iter().collect::<Vec<_>>();
    let mut all = Vec::new();
    for (gap, token) in tokens.iter().enumerate() {
        let with = |token: Option<TokenTree>| {
            tokens[..gap].iter().cloned().chain(token).chain(tokens[gap + 1..].iter().cloned())
        };
        all.push(with(None).collect());
        if let TokenTree::Group(group) = token {
            for inside in gaps(group.stream()) {
                let cut = TokenTree::from(Group::new(group.delimiter(), inside));
                all.push(with(Some(cut)).collect());
            }
        }
    }
    all
}

#[test]
fn a_valid_block_has_no_mistakes() {
    assert_eq!(mistakes(VALID), Vec::<String>::new());
    let expanded = expand(tokens(VALID));
    assert!(!expanded.contains("compile_error"), "{expanded}");
    for part in [
        "open_lending",
        "Capturing (& log)",
        "RestForOne",
        "from_millis (10000u64)",
        "Transient",
        ". factor (1.5f64) . jitter (0f64) . reset_after (grace . max (limit))",
        ". backoff (f (a , | b , c | d))",
        "{ max_restarts : 3u32 , within : grace . min (limit) }",
        ". heartbeat (",
    ] {
        assert!(expanded.contains(part), "{part}: {expanded}");
    }
}

#[test]
fn a_block_that_breaks_off_still_expands() {
    let all = [prefixes(tokens(VALID)), prefixes(tokens(BROKEN)), gaps(tokens(BROKEN))];
    assert!(all[0].len() > 100);
    for prefix in all.into_iter().flatten() {
        assert!(expand(prefix).contains("Supervisor"));
    }
}

#[test]
fn a_block_with_a_token_missing_still_expands_to_its_children() {
    for gap in gaps(tokens(VALID)) {
        let text = gap.to_string();
        let expanded = expand(gap);
        let found = ["importer", "worker", "storage"].iter().filter(|n| expanded.contains(**n));
        assert!(found.count() >= 2, "{text}");
    }
}

#[test]
fn a_function_that_breaks_off_is_not_lost() {
    for prefix in prefixes(tokens(FUNCTION)).into_iter().chain(gaps(tokens(FUNCTION))) {
        let text = prefix.to_string();
        let expanded = child_fn::expand(TokenStream::new(), prefix).to_string();
        assert!(!text.contains("body") || expanded.contains("body") || expanded.contains("owns"));
    }
}

#[test]
fn a_child_function_becomes_a_constructor() {
    let item = "#[doc = \"d\"] #[inline] pub async fn f<T>(ctx: C, mut a: Map<A, B>) -> R { x }";
    let expanded = child_fn::expand(tokens("restart = \"transient\""), tokens(item)).to_string();
    for part in [
        "# [doc = \"d\"] pub fn f < T > (a : Map < A , B >) -> :: sage_supervisor :: ChildSpec",
        "# [inline] async fn f < T > (ctx : C , mut a : Map < A , B >) -> R { x }",
        "f :: < T > (__sage_supervisor_ctx , __sage_supervisor_0)",
        ". restart (:: sage_supervisor :: RestartPolicy :: Transient)",
    ] {
        assert!(expanded.contains(part), "{part}\n{expanded}");
    }
}

#[test]
fn an_argument_may_have_an_absolute_path_for_a_type() {
    let item = "async fn f(ctx: ::s::ChildContext, text: ::std::String) {}";
    let expanded = child_fn::expand(TokenStream::new(), tokens(item)).to_string();
    assert!(expanded.contains("fn f (text : :: std :: String) ->"), "{expanded}");
}

#[test]
fn commas_inside_of_a_value_do_not_end_it() {
    for value in [
        "|a, b| c",
        "move |a: Map<A, B>, b| c",
        "async move |a, b| c",
        "|a| move |b, c| d",
        "|a| -> Map<A, B> { c }",
        "f::<A, B>(c)",
        "f::<A, fn(B) -> C, D>(c)",
        "<A as B<C, D>>::f",
        "a as Map<B, C>",
        "f(a, b)",
        "a || b",
        "a | b",
        "a < b",
        "a == b",
        "n as u32 * if a < b { 1 } else { 2 }",
        "n as u32 + 1 < 5",
        "n as u32 - m < 5",
        "(n as u32) < m",
        "if n as u8 == 5 { a < b } else { c }",
        "n as usize % m < k",
        "a as *const u8 < b",
        "a as &'a Map<B, C>",
        "a as &'a mut [B; 2] < c",
        "a as &dyn Fn(A) -> Map<B, C>",
        "a as Box<dyn Fn(A, B) -> C<D, E>>",
        "a as m::Map<B, C>::Out<D, E>",
        "a + <A as B<C, D>>::E",
        "|_| <A as B<C, D>>::f()",
        "1 << n",
        "|_| -> Map<A, B> { c }",
        "|_| -> impl Fn(A) -> Map<B, C> + Map<D, E> { c }",
        "async |#[allow(x)] a, #[b] #[c] d| e",
        "a.await?",
        "if let Some(x) = y { z } else { w }",
        "match a { b => c, d => e }",
        "{ let a = b; c }",
        "supervisor! { #[child] a = b }.name(\"c\")",
    ] {
        let block = format!("#[child] one = {value}, #[child] two = {value}");
        assert_eq!(mistakes(&block), Vec::<String>::new(), "{value}");
    }
}

#[test]
fn a_missing_comma_is_found_where_it_should_be() {
    for value in ["f", "f()", "f::<A, B>", "|a, b| c", "async |_| {}", "f()?", "a.await", "self"] {
        for next in ["#[child] two = b", "#[cfg(unix)] #[child] two = b"] {
            let block = format!("#[child] one = {value} {next}");
            assert_eq!(mistakes(&block), ["expected `,` after this value"], "{block}");
        }
    }
    let block = "name = \"app\" within = \"5s\" #[child] one = f";
    assert_eq!(mistakes(block), ["expected `,` after this value"; 2]);
}

#[test]
fn mistakes_come_in_the_order_of_the_source() {
    let block = r#"
        within = "0s",
        #[child(restart = "x")] a = f
        #[child(shutdown = "1s")] b = supervisor! { #[child(restart = "y")] c = |_| x, #[child] c = f },
        #[child(restart = "z")] d = f,
    "#;
    let words =
        ["within", "\"x\"", "expected `,`", "\"y\"", "two children", "first declared", "\"z\""];
    let found = mistakes(block);
    assert_eq!(found.len(), words.len(), "{found:?}");
    for (mistake, word) in found.iter().zip(words) {
        assert!(mistake.contains(word), "{found:?}");
    }
}
