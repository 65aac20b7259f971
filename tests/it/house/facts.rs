//! What a file says, read from its syntax tree: paths, functions, calls, macros, attributes.
//!
//! It judges nothing. Invariant: tokens inside macros are read as well as syntax outside of them.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// Something that a file says, and where.
pub struct Spot<T> {
    /// What.
    pub what: T,
    /// The line.
    pub line: usize,
    /// Whether it is compiled for tests only.
    pub test: bool,
}

/// A function that has a body.
pub struct Function {
    /// Its name.
    pub name: String,
    /// From its signature to its last brace.
    pub lines: usize,
}

/// All that the rules ask about.
#[derive(Default)]
pub struct Facts {
    /// Paths: of this crate they begin with `crate`, of others with the crate's name.
    pub paths: Vec<Spot<Vec<String>>>,
    /// Functions.
    pub functions: Vec<Spot<Function>>,
    /// Names of methods that are called without an argument.
    pub bare_calls: Vec<Spot<String>>,
    /// Names of modules that are declared.
    pub modules: Vec<Spot<String>>,
    /// Attributes on anything but a module, as text without spaces.
    pub attributes: Vec<Spot<String>>,
    /// `async` and `.await`.
    pub waits: Vec<Spot<()>>,
    /// Module paths that are declared for tests only.
    pub test_modules: Vec<Vec<String>>,
}

/// Reads a file that is that module.
pub fn read(file: &syn::File, module: &[String], in_test: bool) -> Facts {
    let mut reader = Reader { module: module.to_vec(), depth: usize::from(in_test), facts: Facts::default() };
    reader.visit_file(file);
    reader.facts
}

struct Reader {
    module: Vec<String>,
    depth: usize,
    facts: Facts,
}

impl Reader {
    fn spot<T>(&self, what: T, line: usize) -> Spot<T> {
        Spot { what, line, test: self.depth > 0 }
    }

    fn path(&mut self, segments: Vec<String>, line: usize) {
        let resolved = resolved(segments, &self.module);
        let spot = self.spot(resolved, line);
        self.facts.paths.push(spot);
    }

    fn wait(&mut self, line: usize) {
        let spot = self.spot((), line);
        self.facts.waits.push(spot);
    }

    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let (first, last) = (signature.span().start().line, block.span().end().line);
        let function = Function { name: signature.ident.to_string(), lines: last + 1 - first };
        let spot = self.spot(function, first);
        self.facts.functions.push(spot);
    }

    fn tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |ident: &syn::Ident| [before, &[ident.to_string()]].concat();
        let line = tree.span().start().line;
        match tree {
            syn::UseTree::Path(path) => self.tree(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) => self.path(with(&name.ident), line),
            syn::UseTree::Rename(rename) => self.path(with(&rename.ident), line),
            syn::UseTree::Glob(_) => self.path([before, &["*".to_owned()]].concat(), line),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(item, before)),
        }
    }

    /// Reads a macro's tokens: what follows `before` (a path that ends in `::`), and everything in brackets.
    fn tokens(&mut self, stream: TokenStream, before: &[String]) {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        let (mut at, mut path) = (0, before.to_vec());
        while at < trees.len() {
            let line = trees[at].span().start().line;
            match &trees[at] {
                TokenTree::Ident(ident) => {
                    let name = ident.to_string();
                    self.token(&trees, at, &name, line);
                    path.push(name);
                    if is_joint(&trees, at + 1) {
                        at += 2;
                        if let Some(TokenTree::Group(group)) = trees.get(at + 1) {
                            self.path(path.clone(), line);
                            self.tokens(group.stream(), &path);
                            path = before.to_vec();
                            at += 1;
                        }
                    } else {
                        self.path(std::mem::replace(&mut path, before.to_vec()), line);
                    }
                }
                TokenTree::Group(group) => self.tokens(group.stream(), &[]),
                _ => path = before.to_vec(),
            }
            at += 1;
        }
    }

    /// What a single word in a macro says beside being part of a path.
    fn token(&mut self, trees: &[TokenTree], at: usize, name: &str, line: usize) {
        let after_dot = at > 0 && is_punct(&trees[at - 1], '.');
        let called = match trees.get(at + 1) {
            Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Parenthesis && group.stream().is_empty(),
            _ => false,
        };
        if after_dot && called {
            let spot = self.spot(name.to_owned(), line);
            self.facts.bare_calls.push(spot);
        }
        if name == "async" || (name == "await" && after_dot) {
            self.wait(line);
        }
    }
}

impl<'a> Visit<'a> for Reader {
    fn visit_item_mod(&mut self, item: &'a syn::ItemMod) {
        let name = item.ident.to_string();
        let spot = self.spot(name.clone(), item.ident.span().start().line);
        self.facts.modules.push(spot);
        self.module.push(name);
        let for_tests = item.attrs.iter().any(|attribute| text(attribute) == "cfg(test)");
        if for_tests {
            self.facts.test_modules.push(self.module.clone());
        }
        self.depth += usize::from(for_tests);
        for attribute in item.attrs.iter().filter(|attribute| text(attribute) != "cfg(test)") {
            self.visit_attribute(attribute);
        }
        if let Some((_, items)) = &item.content {
            items.iter().for_each(|item| self.visit_item(item));
        }
        self.depth -= usize::from(for_tests);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        item.attrs.iter().for_each(|attribute| self.visit_attribute(attribute));
        self.tree(&item.tree, &[]);
    }

    /// `pub(crate)` is no import.
    fn visit_visibility(&mut self, _: &'a syn::Visibility) {}

    fn visit_path(&mut self, path: &'a syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.path(segments, path.span().start().line);
        visit::visit_path(self, path);
    }

    fn visit_attribute(&mut self, attribute: &'a syn::Attribute) {
        let spot = self.spot(text(attribute), attribute.span().start().line);
        self.facts.attributes.push(spot);
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone(), &[]);
        }
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone(), &[]);
    }

    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'a syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_signature(&mut self, signature: &'a syn::Signature) {
        if let Some(asynchronous) = &signature.asyncness {
            self.wait(asynchronous.span().start().line);
        }
        visit::visit_signature(self, signature);
    }

    fn visit_expr_async(&mut self, expression: &'a syn::ExprAsync) {
        self.wait(expression.span().start().line);
        visit::visit_expr_async(self, expression);
    }

    fn visit_expr_await(&mut self, expression: &'a syn::ExprAwait) {
        self.wait(expression.span().start().line);
        visit::visit_expr_await(self, expression);
    }

    fn visit_expr_closure(&mut self, closure: &'a syn::ExprClosure) {
        if let Some(asynchronous) = &closure.asyncness {
            self.wait(asynchronous.span().start().line);
        }
        visit::visit_expr_closure(self, closure);
    }

    fn visit_expr_method_call(&mut self, call: &'a syn::ExprMethodCall) {
        if call.args.is_empty() {
            let spot = self.spot(call.method.to_string(), call.method.span().start().line);
            self.facts.bare_calls.push(spot);
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// An attribute without `#[…]` and spaces.
fn text(attribute: &syn::Attribute) -> String {
    match &attribute.meta {
        syn::Meta::Path(path) => spell(path),
        syn::Meta::List(list) => {
            let inner: String = list.tokens.to_string().chars().filter(|c| !c.is_whitespace()).collect();
            format!("{}({inner})", spell(&list.path))
        }
        syn::Meta::NameValue(pair) => format!("{}=", spell(&pair.path)),
    }
}

/// A path as it is written.
fn spell(path: &syn::Path) -> String {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>().join("::")
}

/// The path from the crate's root, where it is one of ours.
fn resolved(mut segments: Vec<String>, module: &[String]) -> Vec<String> {
    let mut here = module.to_vec();
    match segments.first().map(String::as_str) {
        Some("crate" | "seqn_chatops") => "crate".clone_into(&mut segments[0]),
        Some("self") if segments.len() > 1 => segments = [vec!["crate".into()], here, segments.split_off(1)].concat(),
        Some("super") => {
            while segments.first().is_some_and(|first| first == "super") {
                segments.remove(0);
                here.pop();
            }
            segments = [vec!["crate".into()], here, segments].concat();
        }
        _ => {}
    }
    segments
}

fn is_punct(tree: &TokenTree, wanted: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

/// Whether `::` stands at that place.
fn is_joint(trees: &[TokenTree], at: usize) -> bool {
    matches!((trees.get(at), trees.get(at + 1)), (Some(a), Some(b)) if is_punct(a, ':') && is_punct(b, ':'))
}
