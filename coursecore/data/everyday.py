"""Everyday English: a small language whose every probability is known.

About 250 words, drawn from the grammar below. It has what makes language hard for a model
with a short window: number and gender that agree over many words, tenses that begin with
*yesterday* or *tomorrow*, topics (who is hungry eats), and facts (Paris is the capital of
France). Its words stand in analogies, and some pairs of words can be kept out of training,
so that one may ask what a model has understood and not just remembered.
"""

import itertools

from .language import Language

# What the variables of the rules stand for. Some values are words themselves.
VALUES = {
    "who": ["he", "she", "they", "we"],
    "one": ["he", "she"],
    "other": ["he", "she"],
    "count": ["single", "several"],
    "third": ["he", "she", "single"],  # whose verbs end in s now: she walks
    "plain": ["they", "we", "several"],  # whose verbs do not: they walk
    "any": ["he", "she", "single", "they", "we", "several"],
    "when": ["past", "now", "future"],
    "act": "GO EAT DRINK COOK BAKE WRITE PLAY MEET LIVE SPEAK TRAVEL SLEEP CHASE".split(),
    "land": "france italy germany spain england greece japan".split(),
    "large": ["horse", "dog", "cat", "rabbit"],
    "little": ["dog", "cat", "rabbit", "bird"],
}

RULES = """
SENTENCE = 26 TOLD[$when,$who] | 16 BEAST[$count,$when] | 12 MISHAP | 14 LAND[$land]
  | 8 MOOD[$when,$who] | 6 JOURNEY[$when,$who] | 6 COMPARISON | 6 FAMILY | 8 QUESTION
  | 4 WEATHER

TOLD[$when,$who] = 2 WHO[$who] DOES[$when,$who] END[$when]
  | WHEN[$when] WHO[$who] DOES[$when,$who] .
END[$when] = 3 . | 2 WHEN[$when] . | on DAY .
WHEN[past] = yesterday | last week
WHEN[now] = every day | every week
WHEN[future] = tomorrow | next week | soon
DAY = monday | tuesday | wednesday | thursday | friday | saturday | sunday

WHO[$one] = 2 $one | 3 NAME[$one] | 2 my KIN[$one] | 2 the YEARS PERSON[$one]
WHO[they] = 2 they | 2 NAME[he] and NAME[she] | 2 the PEOPLE | my KINS | our friends
WHO[we] = 4 we | my KIN[$one] and i
NAME[$one] = EARLY[$one] | LATE[$one]
EARLY[he] = tom | john
EARLY[she] = anna | mary
LATE[he] = peter | david
LATE[she] = lucy | sarah
KIN[he] = father | brother | uncle | grandfather | son
KIN[she] = mother | sister | aunt | grandmother | daughter
KINS = brothers | sisters | sons | daughters | parents
YEARS = 4 () | old | young | tall
PERSON[he] = man | boy | king | actor
PERSON[she] = woman | girl | queen | actress
PEOPLE = men | women | boys | girls | kings | queens | children
HIS[he] = his
HIS[she] = her
HIS[they] = their
HIS[we] = our
DEAR = father | mother | brother | sister | grandfather | grandmother | friend | friends

DO[$act,past,$any] = $act[past]
DO[$act,now,$third] = $act[s]
DO[$act,now,$plain] = $act[base]
DO[$act,future,$any] = will $act[base]
BE[past,$third] = was
BE[past,$plain] = were
BE[now,$third] = is
BE[now,$plain] = are
BE[future,$any] = will be
HAVE[$one] = has
HAVE[they] = have
HAVE[we] = have
GO[base] = walk | run | drive
GO[s] = walks | runs | drives
GO[past] = walked | ran | drove
EAT[base] = eat
EAT[s] = eats
EAT[past] = ate
DRINK[base] = drink
DRINK[s] = drinks
DRINK[past] = drank
COOK[base] = cook
COOK[s] = cooks
COOK[past] = cooked
BAKE[base] = bake
BAKE[s] = bakes
BAKE[past] = baked
WRITE[base] = write
WRITE[s] = writes
WRITE[past] = wrote
PLAY[base] = play
PLAY[s] = plays
PLAY[past] = played
MEET[base] = meet | visit
MEET[s] = meets | visits
MEET[past] = met | visited
LIVE[base] = live
LIVE[s] = lives
SPEAK[base] = speak
SPEAK[s] = speaks
TRAVEL[base] = travel
TRAVEL[s] = travels
TRAVEL[past] = travelled
SLEEP[base] = sleep | sit
SLEEP[s] = sleeps | sits
SLEEP[past] = slept | sat
CHASE[base] = chase
CHASE[s] = chases
CHASE[past] = chased

DOES[$when,$who] = 4 DO[GO,$when,$who] to the PLACE COMPANY[$who]
  | 3 DO[EAT,$when,$who] FOOD in the ROOM
  | 2 DO[DRINK,$when,$who] DRINKS COMPANY[$who]
  | 2 DO[COOK,$when,$who] DISH for HIS[$who] DEAR
  | 2 DO[BAKE,$when,$who] PASTRY for HIS[$who] DEAR
  | 2 DO[WRITE,$when,$who] a letter to HIS[$who] DEAR
  | 2 DO[PLAY,$when,$who] with HIS[$who] PET[$count] in the AREA
  | 3 DO[MEET,$when,$who] HIS[$who] DEAR in the PLACE
COMPANY[$who] = () | 2 with HIS[$who] DEAR
PLACE = park | school | library | market | beach | shop
AREA = garden | yard | park | street
ROOM = kitchen | garden | house
DISH = soup | fish | rice
PASTRY = bread | cakes
FOOD = DISH | PASTRY | cheese | apples
DRINKS = tea | coffee | milk | water

BEAST[$count,$when] = 3 ANIMAL[$count] DO[SLEEP,$when,$count] NEAR the SEAT END[$when]
  | 2 ANIMAL[$count] DO[CHASE,$when,$count] the PET[$count] in the AREA END[$when]
  | 2 ANIMAL[$count] DO[PLAY,$when,$count] with ITS[$count] ball in the AREA END[$when]
  | 2 ANIMAL[$count] DO[EAT,$when,$count] ITS[$count] food in the ROOM END[$when]
ANIMAL[single] = the LOOK PET[single] | my LOOK PET[single]
ANIMAL[several] = the LOOK PET[several] | my LOOK PET[several] | NUMBER PET[several]
PET[single] = cat | dog | horse | rabbit | bird
PET[several] = cats | dogs | horses | rabbits | birds
LOOK = 4 () | big | small | fast | black | white | brown
NUMBER = two | three | four | five
ITS[single] = its
ITS[several] = their
NEAR = under | near | behind
SEAT = table | chair | bed | door | tree

MISHAP = the VICTIM got RUINED in the AREA on DAY .
VICTIM = cat | dog | rabbit | ball | hat
RUINED = squashed | flattened | muddy | wet | lost

LAND[$land] = 4 CITY[$land] is the capital of $land .
  | 2 WHO[$who] DO[LIVE,now,$who] in CITY[$land] and DO[SPEAK,now,$who] TONGUE[$land] .
  | 2 people in $land speak TONGUE[$land] .
  | 2 WHO[$who] travelled to $land and visited CITY[$land] .
CITY[france] = paris
CITY[italy] = rome
CITY[germany] = berlin
CITY[spain] = madrid
CITY[england] = london
CITY[greece] = athens
CITY[japan] = tokyo
TONGUE[france] = french
TONGUE[italy] = italian
TONGUE[germany] = german
TONGUE[spain] = spanish
TONGUE[england] = english
TONGUE[greece] = greek
TONGUE[japan] = japanese
TOWN = CITY[$land]

MOOD[$when,$who] = WHO[$who] BE[$when,$who] hungry so $who DO[EAT,$when,$who] FOOD .
  | WHO[$who] BE[$when,$who] thirsty so $who DO[DRINK,$when,$who] DRINKS .
  | WHO[$who] BE[$when,$who] HAPPY because HIS[$who] PET[single] BE[$when,single] HOME .
HAPPY = happy | very happy
HOME = here | at home

JOURNEY[$when,$who] = WHO[$who] DO[TRAVEL,$when,$who] from WAY by RIDE END[$when]
WAY = WEST to EAST | EAST to WEST
WEST = london | paris | madrid
EAST = berlin | rome | athens | tokyo
RIDE = train | car | bus | bike

COMPARISON = 2 the $large is bigger than the BELOW[$large] .
  | 2 the $little is smaller than the ABOVE[$little] .
  | EARLY[$one] is MORE than LATE[$other] . | ELDER is older than my YOUNGER .
MORE = older | younger | taller | faster
BELOW[horse] = dog | cat | rabbit | bird
BELOW[dog] = cat | rabbit | bird
BELOW[cat] = rabbit | bird
BELOW[rabbit] = bird
ABOVE[dog] = horse
ABOVE[cat] = horse | dog
ABOVE[rabbit] = horse | dog | cat
ABOVE[bird] = horse | dog | cat | rabbit
ELDER = my father | my mother | my uncle | my aunt | my grandfather | my grandmother
YOUNGER = brother | sister | son | daughter

FAMILY = EARLY[$one] is the KIN[$one] of LATE[$other] .
  | LATE[$one] is the KIN[$one] of EARLY[$other] .
  | WHO[$who] HAVE[$who] SONS and DAUGHTERS . | WHO[$who] HAVE[$who] PETS .
SONS = one son | 2 NUMBER sons
DAUGHTERS = one daughter | 2 NUMBER daughters
PETS = one LOOK PET[single] | NUMBER LOOK PET[several]

QUESTION = where is MINE[single] ? | where are MINE[several] ?
  | did WHO[$who] GO[base] to the PLACE PAST ? | will WHO[$who] GO[base] to the PLACE ?
PAST = () | WHEN[past]
MINE[$count] = my THING[$count] | the PET[$count]
THING[single] = book | hat | ball | letter
THING[several] = books | hats | balls | letters

WEATHER = it RAIN[past] in TOWN WHEN[past] . | it RAIN[s] in TOWN in SEASON .
  | it will RAIN[base] in TOWN WHEN[future] . | it is MILD in TOWN today .
RAIN[base] = rain | snow
RAIN[s] = rains | snows
RAIN[past] = rained | snowed
SEASON = spring | summer | autumn | winter
MILD = cold | warm | sunny
"""

# Each word of a pair is common, but in training they never meet in one sentence: no dog is
# ever flattened, and nothing is flattened in the yard. After deck T: having seen "The cat
# got squashed in the garden on Friday", what of "The dog got flattened in the yard"?
HELD_OUT = [
    ("cat", "lost"), ("dog", "flattened"), ("rabbit", "muddy"), ("ball", "wet"),
    ("hat", "squashed"), ("flattened", "yard"), ("squashed", "street"), ("muddy", "garden"),
    ("wet", "park"),
]  # fmt: skip

PAIRS = {
    "gender": "father mother, brother sister, uncle aunt, grandfather grandmother,"
    " son daughter, man woman, boy girl, king queen, actor actress, he she,"
    " his her",
    "capital": "france paris, italy rome, germany berlin, spain madrid, england london,"
    " greece athens, japan tokyo",
    "language": "france french, italy italian, germany german, spain spanish,"
    " england english, greece greek, japan japanese",
    "plural": "cat cats, dog dogs, horse horses, rabbit rabbits, bird birds, book books,"
    " hat hats, ball balls, letter letters, man men, woman women,"
    " boy boys, girl girls, king kings, queen queens, brother brothers, sister sisters,"
    " son sons, daughter daughters, friend friends, is are, was were, has have, its their",
    "past": "walk walked, run ran, drive drove, eat ate, drink drank,"
    " cook cooked, bake baked, write wrote, play played, meet met, visit visited,"
    " travel travelled, sleep slept, sit sat, chase chased,"
    " rain rained, snow snowed",
    "third person": "walk walks, run runs, drive drives, eat eats,"
    " drink drinks, cook cooks, bake bakes, write writes, play plays, meet meets,"
    " visit visits, live lives, speak speaks, travel travels, sleep sleeps,"
    " sit sits, chase chases, rain rains, snow snows",
    "comparative": "big bigger, small smaller, old older, young younger, tall taller,"
    " fast faster",
}


class Everyday(Language):
    """The language of this module: `data.everyday` is the one there is.

    >>> "paris is the capital of france .".split() in everyday
    True
    """

    def hold_out(self, sentences):
        """Divide sentences into those to train on and those with a held-out pair of words.

        Returns (train, held_out), both in their order. Both words of each pair in
        `HELD_OUT` are left in the training part, but never in one sentence. About one
        sentence in 25 is held out; the training part lacks them, and so is no longer
        quite a sample of the language.
        """
        pairs = [set(pair) for pair in HELD_OUT]
        parts = [], []
        for sentence in sentences:
            parts[any(pair.issubset(sentence) for pair in pairs)].append(sentence)
        return parts

    def analogies(self):
        """Return questions (a, b, c, d), a is to b as c is to d, in a list a category.

        The form is that of `data.analogies`, so that both serve one measure.
        """
        questions = {}
        for category, text in PAIRS.items():
            pairs = [tuple(pair.split()) for pair in text.split(",")]
            questions[category] = [a + b for a, b in itertools.permutations(pairs, 2)]
        return questions


everyday = Everyday(RULES, VALUES)
