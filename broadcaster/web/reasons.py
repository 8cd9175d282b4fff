"""Why a provider did not take a copy, in the reader's language; the words after the colon are the provider's."""

from collections.abc import Mapping

from broadcaster.web.i18n import say
from broadcaster.web.labels import N_

# What stands in the error tables of the channels; a test holds them together.
REASONS = (
    N_("too many requests in a minute; it is tried again by itself"),
    N_("Zalo could not send it; it is tried again by itself"),
    N_("Zalo does not take a part of this message; compare the group's id with Zalo's list"),
    N_("the app may not use this interface; ask for it at Zalo for Developers"),
    N_("a part of this message is too long; shorten the text"),
    N_("the account has used up what it may send; buy more at Zalo or wait for the next period"),
    N_("the account is not registered for this interface; register it in Zalo's OA manager"),
    N_("the access token is not valid; it is renewed by itself"),
    N_("the group has got as much as it may get; wait for the next period"),
    N_("the app was switched off or removed; switch it on at Zalo for Developers"),
    N_("the access token has ended; it is renewed by itself"),
    N_("the account is not verified; have it verified in Zalo's OA manager"),
    N_("the account has gone beyond what it may do; look into Zalo's OA manager"),
    N_("the account has no package that allows this; buy one in Zalo's OA manager"),
    N_("Zalo does not take this kind of message here; forward it with the share pack"),
    N_("this kind of account may not use this interface; forward by the share pack"),
    N_("the group has ended, because what was paid for it has; renew it in Zalo's OA manager"),
    N_("Zalo wants calls of this app proved with its secret; switch appsecret_proof off for the app"),
    N_("Zalo holds this message to be against its rules; write it otherwise"),
    N_("the app is not connected to a Zalo Cloud account; connect it at Zalo"),
    N_("the Zalo Cloud account has no money left; fill it up"),
    N_("the account may not post into this group; see in Zalo whether it is still its group"),
    N_("an error that is not on our list; tell whoever looks after the server"),
    N_("bad request"),
    N_("fault at the provider"),
    N_("no such chat or method"),
    N_("not allowed in this chat"),
    N_("quota exceeded"),
    N_("the token is not valid (any more)"),
    N_("timeout"),
    N_("the answer is not Zalo's"),
    N_("the group's id is not known yet"),
    N_("a person must agree again"),
    N_("the account has made all the calls it may make in a minute"),
    N_("Zalo does not answer when asked for a token"),
    N_("Zalo refuses a token that is new"),
    N_("the token is being renewed"),
    N_("the group was deleted at Zalo"),
    N_("the secret cannot be read on this server any more; enter it again, then switch the group on"),
    N_("the account's secrets cannot be read on this server any more; enter them again, then agree again"),
    N_("nobody has agreed yet that we post for this account"),
    N_("the bot was removed or blocked"),
    N_("no such bot or method"),
    N_("too large"),
    N_("too many requests"),
    N_("too many requests of this app"),
    N_("too many requests of this account"),
    N_("too many requests for this page"),
    N_("too many posts"),
    N_("the token may not post on this page"),
    N_("the page is held back for a while"),
    N_("the same words stand there already"),
    N_("no such page or post"),
    N_("no such room"),
    N_("the access token did not arrive"),
    N_("the access token is not valid (any more)"),
    N_("the account is locked"),
    N_("the account may not write in this room"),
    N_("the account was closed"),
    N_("the server does not know this request"),
    N_("the server is at its limit"),
    N_("too many messages"),
    N_("unknown error"),
)


def reason(language: str, detail: str) -> str:
    """What a channel noted of an attempt; what is not ours stays as it is."""
    meaning, colon, said = detail.partition(": ")
    return f"{say(language, meaning)}{colon}{said}" if meaning in REASONS else detail


def reasons(language: str, params: Mapping[str, str]) -> dict[str, str]:
    """The same for what goes into the sentence of a test."""
    return {name: reason(language, value) for name, value in params.items()}
