"""A grammar of film reviews in which the order of the words, and not the words, makes the opinion.

Every word of praise or blame is affirmed as often as it is denied, in each of its forms: it stands equally
often in reviews of either opinion, and whoever counts words can only guess.
"""

import re

from numpy.random import RandomState

# A symbol's expansions, all equally likely. In them `{symbol}` is expanded in turn, and `{-symbol}` to the
# opposite opinion.
_PHRASES = {
    "review": (
        "I would say that {claim}",
        "{claim}, if you ask me",
        "{opener}, {claim}",
        "{opener}, {claim}, and {aside}",
        "{claim}, and {aside}",
        "{aside}, and {claim}",
        "{aside}, but {claim}",
        "although {aside}, {claim}",
        "{claim}, and {claim}",
        "{claim}, and {claim}, and {aside}",
        "{-claim}, but {claim}",
        "{-claim}, yet {claim}, and {aside}",
        "{aside}; {-claim}, but {claim}",
        "although {-claim}, {claim}",
        "{claim}, although {-claim}",
    ),
    "claim": ("{view}", "{view}", "{act}", "{deed}"),
    "view": ("{affirmed view}", "{denied view}"),
    "affirmed view": (
        "{subject} is {very}{adjective}",
        "{subject} is {very}{adjective}",
        "{subject} is {adjective} throughout",
        "I found {subject} {very}{adjective}",
        "{subject} is nothing but {adjective}",
        "I cannot say that {subject} is not {adjective}",
    ),
    "denied view": (
        "{subject} is not {very}{-adjective}",
        "{subject} is not {-adjective}",
        "{subject} is not {-adjective} at all",
        "{subject} is never {very}{-adjective}",
        "{subject} is anything but {-adjective}",
        "there is nothing {-adjective} about {subject}",
        "nobody could call {subject} {very}{-adjective}",
    ),
    "act": ("{affirmed act}", "{denied act}"),
    "affirmed act": (
        "{subject} {does}",
        "{subject} {really} {does}",
        "{subject} {does} from start to finish",
    ),
    "denied act": ("{subject} never {-does}", "{subject} hardly {-does}", "{subject} never {really} {-does}"),
    "deed": ("{affirmed deed}", "{denied deed}"),
    "affirmed deed": ("{subject} never fails to {do}", "{subject} cannot help but {do}"),
    "denied deed": (
        "{subject} does not {-do}",
        "{subject} does not {really} {-do}",
        "{subject} refuses to {-do}",
    ),
    "aside": (
        "{name} plays the {role}",
        "{name} plays the {role} and {name} the {role}",
        "{name} wrote the songs",
        "the story begins in {place} and ends in {place}",
        "I saw it on {day} with {name}",
        "{name} saw it in {place}",
        "the popcorn was {taste}",
        "we talked about {place} on the way home",
    ),
    "very": ("", "", "", "{really} "),
}
_WORDS = {
    "opener": "in my view, to be honest, for once, after two hours, as far as I can tell, on the whole",
    "subject": "the film, the acting, the plot, the script, the music, the photography, the dialogue, "
    "the ending, the pacing, the opening, the second half, the cast, the director, the humour, the romance, "
    "the leading lady, the leading man, the editing, the villain, the first act",
    "really": "really, truly, quite, particularly",
    "name": "Anna, Bruno, Clara, Dmitri, Elena, Farid, Grace, Hugo, Ines, Jonas, Keiko, Liam, Mara, Noor",
    "role": "baker, judge, pilot, thief, nurse, sailor, spy, teacher, gardener, detective, painter, waiter",
    "place": "Lisbon, Oslo, Naples, Kyoto, Cairo, Lima, Dublin, Prague, Havana, Vienna, Bergen, Quito",
    "day": "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday",
    "taste": "salted, sweet, sold out, still warm",
}
# Words of blame, and of praise.
OPINIONS = {
    "adjective": (
        "awful, bad, boring, clumsy, confusing, dull, lifeless, predictable, silly, tedious, ugly, weak",
        "brilliant, charming, clever, elegant, funny, good, great, gripping, lovely, moving, rich, witty",
    ),
    "does": (
        "annoys, bores, disappoints, drags, irritates, stumbles",
        "convinces, delights, impresses, shines, sparkles, works",
    ),
    "do": (
        "annoy, bore, disappoint, drag, irritate, stumble",
        "convince, delight, impress, shine, sparkle, work",
    ),
}


def review(random: RandomState, *, positive: bool) -> str:
    """A sentence of that opinion; in none of them two claims are made of the same thing."""
    while True:
        text = _expand("review", random, positive)
        if all(text.count(subject) < 2 for subject in _WORDS["subject"].split(", ")):
            return f"{text[0].upper()}{text[1:]}."


def _expand(symbol: str, random: RandomState, positive: bool) -> str:
    if symbol in _PHRASES:
        choices = _PHRASES[symbol]
    else:
        words = OPINIONS[symbol][positive] if symbol in OPINIONS else _WORDS[symbol]
        choices = tuple(words.split(", "))
    return re.sub(
        r"\{(-?)([a-z ]+)\}",
        lambda found: _expand(found[2], random, positive != bool(found[1])),
        choices[random.randint(len(choices))],
    )
