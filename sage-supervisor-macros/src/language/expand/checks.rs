//! Checks that are left to the compiler, as constants: times that depend on named trees or on a
//! `#[cfg(..)]`, and the names of named trees.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::declared::{Title, constant, spelled};
use crate::language::analyze::{given, is_left_to_compiler, needs_compiler};
use crate::language::args::Value;
use crate::language::closure::is_async_block;
use crate::language::krate::{Krate, generated_at};
use crate::language::model::{Child, Start, Tree};
use crate::language::split::Attribute;

/// Returns the constants. A nested block that two of them need is a constant of its own, and
/// written once.
pub(super) fn checks(tree: &Tree, krate: &Krate) -> Vec<TokenStream> {
    if !needs_compiler(tree) {
        return Vec::new();
    }
    let mut checks = Checks { krate, items: Vec::new() };
    checks.of_block(tree, &Title::of_block(tree), &[], false);
    checks.items
}

struct Checks<'a> {
    krate: &'a Krate,
    items: Vec<TokenStream>,
}

impl Checks<'_> {
    /// Checks a block with all that is below it, and returns its declared tree. With `is_timed`,
    /// the parent checks the time of the tree, which is a constant then.
    fn of_block(
        &mut self,
        block: &Tree,
        title: &Title<'_>,
        conditions: &[&Attribute],
        is_timed: bool,
    ) -> TokenStream {
        let mut nested = Vec::new();
        for child in &block.children {
            // A constant exists only under the conditions of every entry above it, because it
            // refers to trees that exist only there.
            let conditions = conditions.iter().copied().chain(child.conditions());
            nested.push(self.of_child(child, &conditions.collect::<Vec<_>>()));
        }
        self.of_names(block, conditions);
        let budget = match &block.shutdown_budget {
            Some(Value::Known(budget, at)) if is_left_to_compiler(block) => Some((*budget, *at)),
            _ => None,
        };
        let span = budget.map_or(block.place.first(), |(_, at)| at);
        let tree = spelled(block, title, span, self.krate, &nested);
        // Nothing but the tree of the parent needs this one, so it is written there in place.
        if budget.is_none() && !is_timed {
            return tree;
        }
        let path = self.krate.path_at(span);
        let ty = quote_spanned!(generated_at(span)=> #path::DeclaredTree);
        let tree = self.constant(
            conditions,
            &quote_spanned!(generated_at(span)=> #ty<'static>),
            &tree,
            span,
        );
        if let Some((budget, span)) = budget {
            let check =
                quote_spanned!(generated_at(span)=> #ty::assert_fits_within_ms(&#tree, #budget));
            self.assert(conditions, &check, span);
        }
        tree
    }

    /// Checks a child, and returns the declared tree of a nested block.
    fn of_child(&mut self, child: &Child, conditions: &[&Attribute]) -> Option<TokenStream> {
        let given = given(child);
        let (tree, is_left) = match &child.start {
            Start::Nested(nested) => {
                // If there are no named trees and conditions below it, the time of the block was already
                // checked by `analyze`.
                let is_left = given.is_some() && is_left_to_compiler(nested);
                let tree = self.of_block(nested, &Title::of_entry(child), conditions, is_left);
                (tree, is_left)
            }
            Start::Named(call) => (constant(&call.path), true),
            _ => return None,
        };
        if let Some((given, span)) = given.filter(|_| is_left) {
            let (path, name) = (self.krate.path_at(span), child.entry_name());
            let check = quote_spanned! {generated_at(span)=>
                #path::DeclaredTree::assert_has_time(&#tree, #name, #given)
            };
            self.assert(conditions, &check, span);
        }
        // The entry of a named tree refers to the constant by itself.
        matches!(child.start, Start::Nested(_)).then_some(tree)
    }

    /// Checks that named trees have other names than their siblings: a named tree may have a name
    /// of its own, which only the compiler can see.
    fn of_names(&mut self, block: &Tree, conditions: &[&Attribute]) {
        let is_named = |child: &&Child| matches!(child.start, Start::Named(_));
        let Some(first) = block.children.iter().find(is_named) else { return };
        if block.children.len() == 1 {
            return;
        }
        let span = first.name.span();
        // The list of all siblings is one constant, so that the size of the expansion does not grow
        // with the square of their number.
        let siblings = block.children.iter().map(|child| sibling(child, self.krate));
        let expansion = self.krate.expansion_at(span);
        let ty = quote_spanned!(generated_at(span)=> &[#expansion::Sibling<'static>]);
        let siblings = quote_spanned!(generated_at(span)=> &[#(#siblings),*]);
        let siblings = self.constant(conditions, &ty, &siblings, span);
        for child in block.children.iter().filter(is_named) {
            let conditions = conditions.iter().copied().chain(child.conditions());
            let (span, place) = (child.name.span(), child.index);
            let expansion = self.krate.expansion_at(span);
            let check = quote_spanned!(generated_at(span)=> #expansion::Sibling::assert_differs(#siblings, #place));
            self.assert(&conditions.collect::<Vec<_>>(), &check, span);
        }
    }

    /// Adds a constant, and returns its name.
    fn constant(
        &mut self,
        conditions: &[&Attribute],
        ty: &TokenStream,
        value: &TokenStream,
        span: Span,
    ) -> TokenStream {
        // Items have no hygiene, also with a generated span. The name cannot collide with one of
        // the user's, because all checks stand in a block of their own.
        let name = Ident::new(&format!("__{}", self.items.len()), generated_at(span));
        let item = quote_spanned!(generated_at(span)=> #(#conditions)* const #name: #ty = #value;);
        self.items.push(item);
        name.into_token_stream()
    }

    /// Adds a constant that fails to compile if the check fails.
    fn assert(&mut self, conditions: &[&Attribute], check: &TokenStream, span: Span) {
        self.items.push(quote_spanned!(generated_at(span)=> #(#conditions)* const _: () = #check;));
    }
}

/// Returns the place of a child among its siblings, and its name as far as that is certain.
fn sibling(child: &Child, krate: &Krate) -> TokenStream {
    let span = child.name.span();
    let expansion = krate.expansion_at(span);
    let (conditions, place, entry) = (child.conditions(), child.index, child.entry_name());
    let known =
        |name: &str| quote_spanned!(generated_at(span)=> ::core::option::Option::Some(#name));
    let unknown = || quote_spanned!(generated_at(span)=> ::core::option::Option::None);
    let is_tree = matches!(child.start, Start::Named(_));
    let name = match &child.start {
        Start::Named(call) => {
            let (path, tree) = (krate.path_at(span), constant(&call.path));
            quote_spanned!(generated_at(span)=> #path::DeclaredTree::name_as(&#tree, #entry))
        }
        // The value may be a supervisor with a name of its own.
        Start::Value(value) if !is_async_block(value) => unknown(),
        _ => child.sibling_name().map_or_else(unknown, |(name, _)| known(&name)),
    };
    quote_spanned! {generated_at(span)=>
        #(#conditions)* #expansion::Sibling { place: #place, is_tree: #is_tree, name: #name }
    }
}
