//! Exchanges and what leads from one to another.

use super::names::{not_default, not_reserved, same, same_argument, shown};
use crate::broker::dialect::{Bind, Delete, ExchangeDeclare, Reply};
use crate::broker::ids::At;
use crate::broker::machine::Broker;
use crate::broker::refusal::{Refusal, binary, resource};
use crate::broker::store::{Binding, Exchange, Kind, Target, kind_of};
use crate::wire::{ShortStr, Table, Value};

impl Broker {
    pub(super) fn declare_exchange(
        &mut self,
        at: At,
        declare: ExchangeDeclare,
    ) -> Result<(), Refusal> {
        let host = self.host(at)?;
        let name = declare.exchange.clone();
        let answer = (declare.no_wait, Reply::ExchangeDeclareOk);
        if declare.passive {
            not_default(&name)?;
            self.exchange(&host, &name)?;
            return self.reply_unless(answer.0, at, answer.1);
        }
        let Some(kind) = Kind::named(&declare.kind) else {
            return Err(Refusal::command_invalid(format!(
                "unknown exchange type '{}'",
                declare.kind
            )));
        };
        not_default(&name)?;
        self.may(at, "exchange", &name)?;
        let vhost = self.vhost(&host)?;
        if let Some(found) = vhost.exchanges.get(&name) {
            let what = resource("exchange", &name, &host);
            same(
                &what,
                "type",
                declare.kind.as_str().unwrap_or_default(),
                found.kind.name(),
            )?;
            same(&what, "durable", declare.durable, found.durable)?;
            same(&what, "auto_delete", declare.auto_delete, found.auto_delete)?;
            same(&what, "internal", declare.internal, found.internal)?;
            same_argument(
                &what,
                "alternate-exchange",
                &declare.arguments,
                &found.arguments,
            )?;
        } else {
            not_reserved("exchange", &name)?;
            check_alternate(&resource("exchange", &name, &host), &declare.arguments)?;
            vhost.exchanges.insert(
                name,
                Exchange {
                    kind,
                    durable: declare.durable,
                    auto_delete: declare.auto_delete,
                    internal: declare.internal,
                    arguments: declare.arguments,
                    bindings: Vec::new(),
                },
            );
        }
        self.reply_unless(answer.0, at, answer.1)
    }

    pub(super) fn delete_exchange(&mut self, at: At, delete: &Delete) -> Result<(), Refusal> {
        let host = self.host(at)?;
        let name = &delete.name;
        not_default(name)?;
        if name.as_bytes().starts_with(b"amq.") {
            let what = resource("exchange", name, &host);
            return Err(Refusal::access(format!(
                "deletion of system {what} not allowed"
            )));
        }
        self.may(at, "exchange", name)?;
        let vhost = self.vhost(&host)?;
        if let Some(exchange) = vhost.exchanges.get(name) {
            if delete.if_unused && !exchange.bindings.is_empty() {
                let what = resource("exchange", name, &host);
                return Err(Refusal::precondition(format!("{what} in use")));
            }
            vhost.remove_exchange(name);
        }
        self.reply_unless(delete.no_wait, at, Reply::ExchangeDeleteOk)
    }

    /// Makes or undoes a binding between exchanges.
    pub(super) fn bind_exchange(&mut self, at: At, bind: Bind, make: bool) -> Result<(), Refusal> {
        let host = self.host(at)?;
        not_default(&bind.source)?;
        not_default(&bind.destination)?;
        self.may(at, "exchange", &bind.destination)?;
        if make {
            self.exchange(&host, &bind.source)?;
            self.exchange(&host, &bind.destination)?;
        }
        let binding = Binding {
            routing_key: bind.routing_key,
            arguments: bind.arguments,
            target: Target::Exchange(bind.destination),
        };
        self.change_binding(&host, &bind.source, binding, make)?;
        let reply = if make {
            Reply::ExchangeBindOk
        } else {
            Reply::ExchangeUnbindOk
        };
        self.reply_unless(bind.no_wait, at, reply)
    }

    pub(super) fn change_binding(
        &mut self,
        host: &ShortStr,
        source: &ShortStr,
        binding: Binding,
        make: bool,
    ) -> Result<(), Refusal> {
        // What is not there has no bindings, so that undoing one is done.
        let Ok(exchange) = self.exchange(host, source) else {
            return Ok(());
        };
        if make {
            check_binding(exchange.kind, &binding.arguments)?;
            exchange.bind(binding);
        } else if exchange.unbind(&binding) && exchange.auto_delete && exchange.bindings.is_empty()
        {
            self.vhost(host)?.remove_exchange(source);
        }
        Ok(())
    }

    /// An exchange that has to be there.
    pub(super) fn exchange(
        &mut self,
        host: &ShortStr,
        name: &ShortStr,
    ) -> Result<&mut Exchange, Refusal> {
        let missing = || {
            let what = resource("exchange", name, host);
            Refusal::not_found(format!("no {what}"))
        };
        let vhost = self.vhost(host)?;
        vhost.exchanges.get_mut(name).ok_or_else(missing)
    }
}

/// The arguments of a binding, where the exchange has a say in them.
fn check_binding(kind: Kind, arguments: &Table) -> Result<(), Refusal> {
    let Some(value) = arguments.get("x-match").filter(|_| kind == Kind::Headers) else {
        return Ok(());
    };
    let value = value.to_value();
    let text = match value.as_bytes() {
        Some(b"all" | b"any" | b"all-with-x" | b"any-with-x") => return Ok(()),
        Some(other) => format!(
            "Invalid x-match field value {}; expected all, any, all-with-x, or any-with-x",
            binary(other)
        ),
        None => format!(
            "Invalid x-match field type {} (value {}); expected longstr",
            kind_of(&value),
            shown(&value)
        ),
    };
    Err(Refusal::precondition(text))
}

/// The argument that names the exchange for messages that nobody takes.
fn check_alternate(what: &str, arguments: &Table) -> Result<(), Refusal> {
    match arguments.get("alternate-exchange").map(Value::from) {
        None | Some(Value::LongStr(_)) => Ok(()),
        Some(value) => Err(Refusal::precondition(format!(
            "invalid type '{}' for arg 'alternate-exchange' in {what}",
            kind_of(&value)
        ))),
    }
}
