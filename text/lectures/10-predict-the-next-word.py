# %% [markdown]
# # 10. Predict the next word
#
# With 265 words, a table of what follows each three of them has five billion cells, and nearly all
# stay empty. A network with 31,094 weights predicts better than the table. By the end of this lecture
# you have built both, know how far each is from the best that is possible, and have vectors that
# answer "France is to Paris as Italy is to …".

# %%
import matplotlib.pyplot as plt
import numpy as np

from coursecore import check_grad, cooccurrence, data, embeddings
from coursecore import factorisation, glove, grad, ngram, nlm, optim
from coursecore import functional as F
from coursecore import plots, schedules, text, train

plots.use_style()

# %%
language = data.everyday
figure, axes = plt.subplots(1, 3, figsize=(8, 2))
for k, ax in enumerate(axes, 1):
    beginning = ["my", "father", "eats"][:k]
    P = language.next_word(beginning)
    likely = np.argsort(-P.round(9), kind="stable")[:5][::-1]
    words = [language.words[i] for i in likely]
    ax.barh(words, P[likely], color=plots.BLACK)
    ax.set(title=" ".join(beginning) + " …", xlabel="probability")

plots.show(figure, see="each word that we know rules out many others.")

# %% [markdown]
# **You will do:** count n-grams; write the backward pass of a language model; factorise a table of
# counts; solve analogies by adding and subtracting vectors.
#
# **You will learn:** why counting alone fails; how a table of vectors lets what is known of a cat
# help with a dog; what a flat map of many dimensions hides.
#
# **You need:** lectures 5 and 6; [the notation page](../NOTATION.md). Costs are in nats per word, and
# $V$ is the number of different words.

# %% [markdown] tags=["topic-202"]
# ## Why would anyone predict words?
#
# A recogniser of speech hears the sound $a$ and wants the sentence $s$. One part of it, the
# *observation model* $p(a \mid s)$, knows how sentences sound. Another, the *prior* $p(s)$, knows what people
# say. Bayes' rule combines them into the *posterior*:
#
# $$p(s \mid a) = \frac{p(a \mid s)\, p(s)}{\sum_{s'} p(a \mid s')\, p(s')} . \tag{1}$$
#
# **Predict.** To the microphone "wreck a nice beach" fits three times as well as "recognize speech",
# which people say a thousand times as often. How sure should we be of the second: 75 %, 90 % or more than 99 %?

# %% tags=["topic-202"]
prior = np.array([1e-12, 1e-9])  # wreck a nice beach, recognize speech
sound = np.array([0.06, 0.02])
posterior = sound * prior / np.sum(sound * prior)
posterior.round(4)

# %% [markdown] tags=["topic-203"]
# **Explain.** The odds are 1000 to 3: 99.7 %. Only ratios count, so that it does not matter how small the
# numbers are.
#
# A *language model* is such a $p(s)$. We fit it by *maximum likelihood*: the sentences of a corpus, taken as
# independent, should be as probable together as we can make them. The product of so many small numbers is soon 0 to a
# computer, and so we take its logarithm, a sum.
#
# What is the probability of a sentence of words $w_1, \dots, w_T$? By the chain rule of probability,
#
# $$p(w_1, \dots, w_T) = \prod_{t=1}^{T} p(w_t \mid w_1, \dots, w_{t-1}) . \tag{2}$$
#
# Here are four sentences. We compute each factor by counting beginnings.

# %%
toy = ["the cat sat .", "the cat ran .", "a cat sat .", "the dog sat ."]
toy = [sentence.split() for sentence in toy]


def factor(beginning, word):
    going_on = [s for s in toy if s[: len(beginning)] == beginning]
    return np.mean([s[len(beginning)] == word for s in going_on])


# %% tags=["topic-204"]
sentence = toy[0]
factors = [factor(sentence[:t], word) for t, word in enumerate(sentence)]
assert np.isclose(np.prod(factors), toy.count(sentence) / len(toy))
print(*(f"{word} {p:.3f}" for word, p in zip(sentence, factors, strict=True)))

# %% [markdown] tags=["topic-204"]
# Their product is 1/4, one sentence of four. Nothing was assumed: (2) is true of every
# distribution. To know what sentences people say *is* to know, at each word, what comes next.
#
# **In one line:** a model of sentences is a model of the next word.

# %% [markdown] tags=["topic-205"]
# ## What usually came next?
#
# Long beginnings are met once in a lifetime, so we look at the last $n - 1$ words alone, the *context*:
#
# $$p(w_t \mid w_1, \dots, w_{t-1}) \approx p(w_t \mid w_{t-n+1}, \dots, w_{t-1}) . \tag{3}$$
#
# This is the **Markov assumption**; it makes the model *memoryless*, and *autoregressive*: each word is
# predicted from words before it. The probabilities come from counts of *n-grams*, runs of $n$ words:
#
# $$p(w \mid c) = \frac{\mathrm{count}(c\,w)}{\mathrm{count}(c)} . \tag{4}$$
#
# Our corpus is `data.everyday`, a language of 265 words with grammar, topics and facts. It is made up, for a reason:
# we know the true probability of every next word, as in the picture above, and on average no model can have a lower
# cross-entropy than the truth. Some sentences we set apart; their turn comes.

# %%
rng = np.random.default_rng(0)
sentences, apart = language.hold_out(language(rng, 4000))
vocab = text.Vocab.count(sentences, unk=None)
corpus = text.encode(sentences, vocab)
V = len(vocab)
print(" ".join(sentences[0]), " ".join(sentences[1]))
f"{len(sentences)} sentences, {len(corpus.ids)} words, {V} different"

# %% [markdown] tags=["topic-206"]
# For contexts of two words, the table of equation (4) has $V^2$ rows and $V$ columns. Here are three rows and four
# columns of it, empirical frequencies with nothing added ($\delta$, which we meet soon, is 0).

# %% tags=["topic-206"]
trigrams = ngram.count(corpus, V, n=3)
empirical = ngram.add_delta(trigrams, delta=0)
rows, columns = ["the young", "capital of", "to the"], "man italy park cat"
print(ngram.table(empirical, vocab, rows, columns.split()))

# %% [markdown] tags=["topic-206"]
# One cell, counted by ourselves:

# %% tags=["topic-206"]
lines = [" ".join(sentence) + " " for sentence in sentences]
times = sum(line.count("the young man ") for line in lines)
of = sum(line.count("the young ") for line in lines)
f"the young man: {times} of {of}, {times / of:.2f}"

# %% [markdown] tags=["topic-205"]
# Whoever can predict can also speak: draw a word, append it, predict again.

# %% tags=["topic-205"]
rng = np.random.default_rng(1)
for n in (1, 2, 3, 4):
    counts = ngram.count(corpus, V, n, starts=True)
    model, stop = ngram.add_delta(counts, delta=0), vocab["."]
    drawn = model.sample(rng, length=13, stop=stop)
    print(n, " ".join(vocab.decode(drawn)))

# %% [markdown] tags=["topic-207"]
# With $n = 1$ it stammers; with $n = 4$ it speaks well, because much of what it says is recited.
#
# A table of n-grams has $V^n$ cells. How many of them does a corpus fill, and how many of the n-grams of *new* sentences has it
# never met? We draw two sets of new sentences: one for choices on the way, one for the reckoning.

# %%
rng = np.random.default_rng(2)
valid, new = (text.encode(language(rng, 2000), vocab) for _ in range(2))
orders = np.arange(1, 6)
counts = {n: ngram.count(corpus, V, n, starts=True) for n in orders}
coming = {n: ngram.padded(new, n, V) for n in orders}

# %% tags=["topic-207"]
old = [ngram.padded(corpus, n, V) for n in orders]
filled = [len(np.unique(grams, axis=0)) for grams in old] / V**orders
missing = [np.mean(counts[n].of(coming[n]) == 0) for n in orders]
assert round(V**4 / 1e9) == 5 and round(filled[3] * 1e6) == 2
figure, axes = plt.subplots(1, 2, figsize=(8, 2.6))
axes[0].semilogy(orders, filled, "o-", color=plots.BLUE)
axes[0].set(xlabel="n", ylabel="share of cells filled", xticks=orders)
axes[1].plot(orders, missing, "o-", color=plots.ORANGE)
axes[1].set(xlabel="n", ylabel="share never met", xticks=orders)
see = f"at n = 4 one new n-gram in {1 / missing[3]:.0f} was never met."
plots.show(figure, see)

# %% [markdown] tags=["topic-207"]
# At $n = 4$, the five billion cells, about two in a million are filled. And one n-gram that was never met has probability 0, and then
# so has its sentence.
#
# Three remedies are old. Shorter contexts. *Smoothing* by $\delta$ imaginary counts for every word:
#
# $$p(w \mid c) = \frac{\mathrm{count}(c\,w) + \delta}{\mathrm{count}(c) + \delta V} . \tag{5}$$
#
# And an *ensemble* of models $p_k$ with contexts of $k - 1$ words, its weights chosen on other sentences:
#
# $$p(w \mid c) = \sum_{k=1}^{n} \lambda_k\, p_k(w \mid \text{last } k - 1 \text{ words of } c), \quad \sum_k \lambda_k = 1 . \tag{6}$$
#
# We compare *perplexities*, $e$ to the power of the cross-entropy: with 10 the model is as unsure as between 10
# equally likely words.

# %%
names = ["delta 1", "delta 0.01", "ensemble", "Witten-Bell", "best possible"]


def perplexities(n):
    choice = ngram.padded(valid, n, V)
    models = [ngram.add_delta(counts[n], delta) for delta in (1, 0.01)]
    models.append(ngram.jelinek_mercer(counts[n], choice))
    models.append(ngram.witten_bell(counts[n]))
    return [model.perplexity(coming[n]) for model in models]


# %% [markdown] tags=["topic-207"]
# Witten and Bell's rule is an ensemble as well, but gives each context a weight of its own: a context after which many
# different words came leaves more to shorter ones. And "best possible" is $e$ to the power of the true entropy,
# for a model that sees $n - 1$ words.
#
# **Predict.** With $\delta = 1$, which $n$ from 1 to 4 does best on new sentences?

# %% tags=["topic-207"]
print("n", *names, sep="  ")
for n in (1, 2, 3, 4):
    best = np.exp(language.entropy(window=n - 1))
    row = zip([*perplexities(n), best], names, strict=True)
    print(n, *(f"{value:{len(name) + 1}.1f}" for value, name in row))

# %% [markdown] tags=["topic-207"]
# **Explain.** $n = 2$: with $\delta = 1$ more context makes it *worse*. A context that was met twice has 2 real
# counts against 265 imaginary ones. "More context knows more" tempts, but it holds of the truth alone, the
# last column. The ensembles do gain from context. (At $n = 1$ the models seem to beat the best possible. That is an average over the whole
# language, and our 2,000 new sentences happen to be a little easier.)
#
# Now we can show that to maximise likelihood is to minimise cross-entropy. We compare the log-probability of all new sentences
# with the loss of lecture 5, the next words as targets:

# %% tags=["topic-203"]
witten_bell, grams = ngram.witten_bell(counts[4]), coming[4]
log_likelihood = witten_bell.log_prob(grams).sum()
log_P = np.log(witten_bell.probabilities(grams[:, :-1]))
loss = F.cross_entropy(log_P, grams[:, -1])
assert np.isclose(loss, -log_likelihood / len(grams))
f"{log_likelihood:.0f} nats; {loss:.3f} nats a word"

# %% [markdown]
# **In one line:** counts are exact where we have been, and silent where we have not.

# %% [markdown] tags=["topic-208"]
# ## What does a dog have to do with a cat?
#
# A table of counts is a *localist* representation: what it knows about a word stands in that word's own
# cells. Suppose instead that each word has *attributes*, and that each attribute makes some next words more or less likely. Two
# small matrices, written by hand:

# %% tags=["topic-208"]
# columns: animal, person, several
attributes = np.array([[1, 0, 0], [1, 0, 1], [0, 1, 0], [0, 1, 1]])
influence = np.array([[0, 0, 2, -2], [0, 0, 0, 2], [-3, 3, 0, 0]])
P = F.softmax(attributes @ influence)
print("       is   are  chased  wrote")
for word, row in zip(["cat", "cats", "anna", "girls"], P, strict=True):
    print(f"{word:5}", *(f"{p:.2f} " for p in row))

# %% [markdown] tags=["topic-208", "topic-209"]
# A row of attributes times a matrix, then softmax: that is a linear layer. A new word, *kitten*, needs three numbers, and
# all that is known of animals is known of it. The knowledge about a word is now spread over shared numbers:
# a **distributed representation**.
#
# Here is why we want it. Whoever has read "The cat got squashed in the garden on Friday" should not be surprised by "The dog got flattened in
# the yard on Monday". The cats of our corpus got squashed and flattened, and its dogs do what cats do, but every sentence with both *dog* and *flattened*
# was set apart.
#
# **Predict.** After "the dog got" the truth gives *flattened* 1/5. Which of 0, 0.0006 and 0.06 is what the
# counts say, and which is Witten and Bell's answer?

# %% tags=["topic-209"]
damage = ["squashed", "flattened", "muddy", "wet", "lost"]
got = vocab.encode(["the", "dog", "got"])
for model in (ngram.add_delta(counts[4], delta=0), witten_bell):
    P = model.probabilities(got)[vocab.encode(damage)]
    print(*(f"{word} {p:.4f} " for word, p in zip(damage, P, strict=True)))


# %% [markdown]
# **Explain.** Counting says 0. Smoothing says 0.0006, for it knows no better: the context "the dog got" leaves a small share to "dog
# got", which never met the word either and leaves a small share to "got". 0.06 tempts if one stops after the first. You would say
# more, because you know that a dog is rather like a cat.
#
# **In one line:** what is stored apart cannot be shared.

# %% [markdown] tags=["topic-210", "topic-211"]
# ## Can a network learn to share?
#
# Nobody writes attributes by hand for 265 words. Bengio and colleagues let backpropagation find them. Predicting the next word is
# *classification* with $V$ classes; its inputs are the words of the context, each replaced by a row of one table
# $R$ of $V$ rows, its **vector**.

# %%
def bengio(R, W_h, W_o):
    r1, r2, r3 = R[4], R[0], R[7]  # words 4, 0 and 7
    H0 = np.concatenate([r1, r2, r3])
    H = np.tanh(W_h @ H0)
    Z = W_o @ H
    L = F.cross_entropy(Z[None], [3])  # word 3 came next
    return {"r1": r1, "r2": r2, "r3": r3, "H0": H0, "H": H, "Z": Z, "L": L}


# %% tags=["topic-211"]
rng = np.random.default_rng(1)
tables = (rng.normal(size=size) for size in [(10, 2), (4, 6), (10, 4)])
figure, ax = plt.subplots(figsize=(6.4, 3.2))
plots.graph(bengio, *tables, ax=ax)
plots.show(figure, see="three arrows leave R: three messages will come back.")


# %% [markdown] tags=["topic-210", "topic-211"]
# For a batch of $N$ contexts, in equations: **forward** (7) and **backward** (8), biases included. $T$ has the one-hot targets as
# rows.
#
# | | (7) forward | (8) backward |
# |---|---|---|
# | a | $H_0 = [R_{w_1}\; R_{w_2}\; R_{w_3}]$ | $\bar R_w = $ sum of the parts of $\bar H_0$ where $w$ stood |
# | b | $A = H_0 W_h^\top + b_h,\; H = \tanh A$ | $\bar A = \bar H \circ (1 - H^2)$, $\bar H_0 = \bar A W_h$, $\bar W_h = \bar A^\top H_0$, $\bar b_h = \sum_n \bar A_n$ |
# | c | $Z = H W_o^\top + b_o$ | $\bar H = \bar Z W_o$, $\bar W_o = \bar Z^\top H$, $\bar b_o = \sum_n \bar Z_n$ |
# | d | $L = -\frac1N \sum_n \sum_v T_{nv} \log P_{nv}$, $P = \mathrm{softmax}(Z)$ | $\bar Z = (P - T)/N$ |
#
# (Deck T indexes the targets of this loss by $t$ in the formula and by $i$ in the text. One index is enough: our $n$
# counts the places where a word is predicted.)

# %%
def forward(params, contexts):
    hidden, output = params["hidden"], params["output"]
    H0 = params["R"][contexts].reshape(len(contexts), -1)  # 7a
    H = np.tanh(H0 @ hidden["W"].T + hidden["b"])  # 7b
    return H0, H, H @ output["W"].T + output["b"]  # 7c


def cost(params, contexts, t):
    Z = forward(params, contexts)[-1]
    return -np.mean(F.log_softmax(Z)[np.arange(len(t)), t])  # 7d


# %% [markdown] tags=["topic-210"]
# In the code 7d picks $\log P$ at the target, and no one-hot row is ever built. Backward, line 8a is the new one. A word that stands in several places gets several messages, and
# `np.add.at` adds each into its row: a *scatter-add*.

# %%
def backward(params, contexts, t, add=np.add.at):
    H0, H, Z = forward(params, contexts)
    Z_bar = F.softmax(Z) / len(t)
    Z_bar[np.arange(len(t)), t] -= 1 / len(t)  # 8d
    A_bar = Z_bar @ params["output"]["W"] * (1 - H**2)  # 8c, 8b
    H0_bar = (A_bar @ params["hidden"]["W"]).reshape(*contexts.shape, -1)
    R_bar = np.zeros_like(params["R"])
    add(R_bar, contexts, H0_bar)  # 8a
    hidden = {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)}
    output = {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)}
    return {"R": R_bar, "hidden": hidden, "output": output}


# %% [markdown] tags=["topic-210", "topic-211"]
# We check it on 60 contexts, twice: against differences of the cost, and against the library's model, differentiated by the
# engine. The table has $V + 1$ rows; the last stands for the start of a sentence.

# %%
old = ngram.padded(corpus, 4, V)
contexts, targets = old[:, :-1], old[:, -1]
some = contexts[:60], targets[:60]
rng = np.random.default_rng(3)
params = nlm.init(rng, V + 1, dim=30, context=3, hidden=64)

# %% tags=["topic-210", "topic-211"]
bars, engine = backward(params, *some), grad(nlm.loss)(params, *some)
assert np.isclose(cost(params, *some), nlm.loss(params, *some))
for key, layer in {"hidden": "W", "output": "b"}.items():
    assert np.allclose(bars[key][layer], engine[key][layer])
assert np.allclose(bars["R"], engine["R"])
check_grad(lambda params: cost(params, *some), params, bars)

# %% [markdown] tags=["topic-212"]
# All 31,094 weights pass. If words were one-hot rows of length $V$, looking up would be a product with $R$: a linear layer, the
# same one in each place, its weights *tied*. The product picks a row, and its gradient adds into rows that were
# picked. Call a row an *embedding*, and you think of a place in a space; call it a *feature vector* or an *encoding*, and you think of what it is
# good for. It is the same numbers.

# %% tags=["topic-212"]
one_hot = np.eye(V + 1)[some[0]]
assert np.array_equal(nlm.embed(params, one_hot), nlm.embed(params, some[0]))
touched = np.flatnonzero(np.any(bars["R"] != 0, axis=1))
assert np.array_equal(touched, np.unique(some[0]))
f"60 contexts touch {len(touched)} of {V + 1} rows"


# %% [markdown]
# ## Break it: one message a word
#
# In NumPy, `table[rows] += bars` looks like a scatter-add. But it reads all rows first and writes them once: of several
# messages to one row only the last survives.
#
# **Predict.** We check this gradient on a batch in which no word occurs twice, and on our 60 contexts. Which of the two checks
# will it pass?

# %%
def overwrite(table, rows, bars):
    table[rows] += bars


def passes(batch):
    wrong = backward(params, *batch, add=overwrite)
    try:
        return bool(check_grad(lambda p: cost(p, *batch), params, wrong))
    except AssertionError:
        return False


# %% tags=["topic-212"]
alone = np.arange(30).reshape(10, 3), np.arange(10)
passes(alone), passes(some)

# %% [markdown] tags=["topic-211"]
# **Explain.** The first: without repeated words no message is lost. A check is worth as much as the input that it sees; give it
# repeated words, ties and empty rows.
#
# **In one line:** a table that is used three times collects three messages.

# %% [markdown] tags=["topic-211"]
# ## Does it predict better?
#
# Now we train, with Adam and a learning rate that falls along half a cosine (lecture 9): six times
# through the corpus, 100 contexts a step.

# %%
steps = 6 * (len(targets) // 100)
optimizer = optim.Adam(schedules.cosine(0.01, steps))
held = grams[:, :-1], grams[:, -1]  # the new sentences
params, history = train.fit(
    nlm.loss, params, (contexts, targets), optimizer, rng=rng,
    epochs=6, batch_size=100, valid=held, replayed=True,
)  # fmt: skip

# %% tags=["topic-211"]
figure, ax = plt.subplots(figsize=(6, 3))
plots.loss_curves(history, ax=ax)
best = language.entropy(window=3)
ax.axhline(loss, color=plots.GREY, ls="--", label="Witten-Bell 4-gram")
ax.axhline(best, color=plots.BLACK, ls=":", label="best possible")
ax.set(xlabel="epoch", ylabel="cross-entropy (nats)")
ax.legend()
reached = history.valid[-1]
above = reached - best
plots.show(figure, see=f"new sentences end {above:.2f} above the floor.")

# %% [markdown] tags=["topic-209"]
# Counting ends 0.26 nats above the floor, the network 0.06. Where does it win? We divide the new 4-grams into
# those that the corpus held and those that it did not.

# %% tags=["topic-209"]
by_network = nlm.log_prob(params, *held)
by_counts = witten_bell.log_prob(grams)
met = counts[4].of(grams) > 0
for name, rows in {"met": met, "never met": ~met}.items():
    costs = [-log_p[rows].mean() for log_p in (by_network, by_counts)]
    print(f"{name:9} {rows.mean():.0%}  {costs[0]:.2f} against {costs[1]:.2f}")

# %% [markdown] tags=["topic-209"]
# And what does the network say about the dog?

# %% tags=["topic-209"]
assert round(loss - best, 2) == 0.26 and round(above, 2) == 0.06
P = nlm.probabilities(params, got)[vocab.encode(damage)]
print(*(f"{word} {p:.3f} " for word, p in zip(damage, P, strict=True)))

# %% [markdown] tags=["topic-209"]
# *Flattened*, which no dog of the corpus ever got, is now a live possibility. The log-probability of the whole sentence, in nats:

# %% tags=["topic-209"]
dog = "the dog got flattened in the yard on monday .".split()
dog_grams = ngram.padded(text.encode([dog], vocab), 4, V)
empirical = ngram.add_delta(counts[4], delta=0)
score = nlm.sentence_score(params, vocab.encode(dog), start=V)
print(f"truth        {language.log_prob(dog).sum():.1f}")
print(f"network      {score:.1f}")
print(f"Witten-Bell  {witten_bell.log_prob(dog_grams).sum():.1f}")
print(f"counts       {empirical.log_prob(dog_grams).sum():.1f}")

# %% [markdown] tags=["topic-209"]
# On what was met, both are equally good; on what was not, the network is far ahead. The network was never told that dogs are like cats. It
# found that their vectors may as well be similar, because so much else is said of both.
#
# **In one line:** similar words get similar vectors, and what is learnt for one holds for the other.

# %% [markdown] tags=["topic-213"]
# ## Where do the words stand?
#
# The vectors have 30 dimensions. *t-SNE* lays them out in a plane, so that near points stay near as well as two dimensions
# permit (van der Maaten and Hinton, 2008). We round the vectors first, so that every machine draws the same map.
#
# What do you expect to find beside *cat*?

# %% tags=["topic-213"]
E = params["R"][:V].round(3)
rng = np.random.default_rng(3)
figure, ax = plt.subplots(figsize=(7.6, 5.2))
words = vocab.words[:100]
plots.word_map(rng, E[:100], words, num_clusters=8, ax=ax)
plots.show(figure, see="names, relatives, pets and cities flock together.")

# %% [markdown] tags=["topic-213"]
# A map is a projection, so we look at the same words in all 30 dimensions, by the cosine of the angle between two vectors:
#
# $$\cos(u, v) = \frac{u^\top v}{\lVert u \rVert\, \lVert v \rVert} . \tag{11}$$

# %% tags=["topic-213"]
for word in ("monday", "cat", "her", "walked"):
    near = embeddings.nearest(E, vocab, word, k=5)
    print(f"{word:7}", *(f"{other} {cosine:.2f} " for other, cosine in near))

# %% [markdown] tags=["topic-213"]
# Eight clusters by k-means, also found in the full space, colour the map. How much nearer to each other are the words
# of a cluster than to the rest? Mean cosines:

# %% tags=["topic-213"]
labels = embeddings.cluster(rng, E[:100], 8)
U = embeddings.normalise(E[:100])
for k in range(8):
    inside, outside = U[labels == k], U[labels != k]
    first = [words[i] for i in np.flatnonzero(labels == k)[:6]]
    within, apart = np.mean(inside @ inside.T), np.mean(inside @ outside.T)
    print(f"{within:.2f} within, {apart:5.2f} to others: {' '.join(first)}")

# %% [markdown] tags=["topic-214"]
# These numbers are more trustworthy than the map, where unlike words may end up side by side for want of room. Geoffrey Hinton put it
# so: "In a 30-dimensional grocery store, anchovies can be next to fish and next to pizza toppings."
#
# How much room is there? **Predict.** Draw two vectors at random. In 2 dimensions every angle is equally likely.
# In 300 dimensions, is a cosine beyond $\pm 0.5$ common, rare, or practically impossible?

# %% tags=["topic-214"]
figure, ax = plt.subplots(figsize=(5.4, 2.2))
plots.cosine_histogram(np.random.default_rng(4), (2, 30, 300), ax=ax)
plots.show(figure, see="with more dimensions all angles come near to 90°.")

# %% [markdown] tags=["topic-214"]
# **Explain.** Practically impossible. The cosine has the standard deviation $1/\sqrt D$, so that nearly all vectors are nearly at right
# angles, and far from each other: 0.5 would be 8.7 standard deviations out. A word has room for many unlike neighbours, and a cosine of 0.6
# means something. A plane has no such room, and how much a map loses can be counted:

# %% tags=["topic-214"]
points = embeddings.project(np.random.default_rng(3), E[:100])
kept = embeddings.neighbour_preservation(E[:100], points, k=10)
assert np.isclose(0.5 * np.sqrt(300), 8.66, atol=0.01)
f"the map keeps {kept:.0%} of the ten nearest; chance keeps {10 / 99:.0%}"

# %% [markdown] tags=["topic-214"]
# **In one line:** trust distances in the full space, and maps only as a place to begin.

# %% [markdown] tags=["topic-215"]
# ## Could we have counted instead?
#
# If vectors are all that we want, a whole language model may be more than we need. "Judge a word by the company it
# keeps": count how often words $i$ and $j$ stand fewer than five places apart, $x_{ij}$. Words with like
# rows have like company. For this we take more text.

# %%
rng = np.random.default_rng(5)
more, _ = language.hold_out(language(rng, 20_000))
more = text.encode(more, vocab)
X = cooccurrence.count(more, V, window=4, weighting="flat")

# %% tags=["topic-215"]
ranked = np.sort(X.data)[::-1]
figure, axes = plt.subplots(1, 2, figsize=(8, 3))
axes[0].imshow(X[:60, :60].toarray() > 0, cmap="Greys")
axes[0].set(xlabel="word j, commonest first", ylabel="word i")
axes[0].grid(False)
axes[1].loglog(np.arange(1, len(ranked) + 1), ranked, color=plots.BLUE)
axes[1].set(xlabel="rank of the pair", ylabel="count x")
empty = 1 - X.nnz / V**2
plots.show(figure, see=f"{empty:.0%} of pairs never meet, and few meet often.")

# %% [markdown] tags=["topic-216"]
# Let each word have a vector $r_i$ and, as company, another, $\tilde r_j$, with $x_{ij} \approx r_i^\top \tilde r_j$.
# The best such matrix of rank $K$ minimises
#
# $$\lVert X - R \tilde R^\top \rVert_F^2 = \sum_{ij} (x_{ij} - r_i^\top \tilde r_j)^2 .$$
#
# One way is to alternate: hold $\tilde R$ and solve for $R$, an ordinary least-squares problem; then the other way round.
# Another is the singular value decomposition, cut after $K$ terms. Do they arrive at one place?

# %% tags=["topic-216"]
dense = X.toarray()
R_tilde = np.random.default_rng(6).normal(size=(V, 4))
for _ in range(60):
    R = np.linalg.lstsq(R_tilde, dense.T)[0].T
    R_tilde = np.linalg.lstsq(R, dense)[0].T
left, right = factorisation.svd(dense, dim=4)
assert np.allclose(R @ R_tilde.T, left @ right.T, atol=1e-4)
unexplained = np.sum((dense - R @ R_tilde.T) ** 2) / np.sum(dense**2)
f"both leave {unexplained:.1%} of the squared norm unexplained"

# %% [markdown] tags=["topic-216"]
# They do. With centred columns this would be principal component analysis. The trouble is another:

# %% tags=["topic-216"]
squares = np.sort(dense.ravel() ** 2)[::-1]
half = np.searchsorted(np.cumsum(squares), squares.sum() / 2) + 1
f"half of the squared norm stands in {half} of {V**2} entries"


# %% [markdown] tags=["topic-217"]
# A dozen entries rule the fit. And a real vocabulary of 400,000 words makes 160 billion entries, too many to go through, zeros
# and all.
#
# **GloVe** (Pennington, Socher and Manning, 2014) mends both. It fits *logarithms* of counts, with biases for how common words
# are; and it weighs the entries, so that zeros do not count at all:
#
# $$J = \sum_{ij} f(x_{ij}) \big(r_i^\top \tilde r_j + b_i + \tilde b_j - \log x_{ij}\big)^2, \qquad
# f(x) = \min\big(1, (x/100)^{3/4}\big) . \tag{9}$$
#
# Since $f(0) = 0$, $\log 0$ is never taken. With $e_{ij} = 2 f(x_{ij}) (r_i^\top \tilde r_j + b_i + \tilde b_j - \log x_{ij})$ its bars are
#
# $$\bar r_i = \sum_j e_{ij}\, \tilde r_j, \quad \bar{\tilde r}_j = \sum_i e_{ij}\, r_i, \quad
# \bar b_i = \sum_j e_{ij}, \quad \bar{\tilde b}_j = \sum_i e_{ij} . \tag{10}$$

# %%
def glove_bars(params, i, j, x):
    e = 2 * glove.weight(x) * (glove.scores(params, i, j) - np.log(x))
    bars = {name: np.zeros_like(table) for name, table in params.items()}
    np.add.at(bars["R"], i, e[:, None] * params["R_tilde"][j])
    np.add.at(bars["R_tilde"], j, e[:, None] * params["R"][i])
    np.add.at(bars["b"], i, e)
    np.add.at(bars["b_tilde"], j, e)
    return bars


# %% tags=["topic-217"]
pairs = glove.nonzeros(X)
vectors = glove.init(np.random.default_rng(7), V, dim=30)
bars = glove_bars(vectors, *pairs)
checked = check_grad(lambda p: glove.cost(p, *pairs), vectors, bars)
assert np.all(dense[pairs[0], pairs[1]] > 0)
f"{checked} numbers right; {len(pairs[0])} of {V**2} pairs visited"


# %% [markdown] tags=["topic-217"]
# The minimum is near: with $\tilde r$ and $\tilde b$ held still, (9) is a weighted least-squares problem for each word by itself. The
# library alternates like that; ten sweeps are done before you have read this sentence.

# %% tags=["topic-217"]
def fit_vectors(x_max=100):
    start = glove.init(np.random.default_rng(7), V, dim=30)
    return glove.fit_least_squares(X, start, ridge=1.0, sweeps=10, x_max=x_max)


vectors, history = fit_vectors()
[round(total) for total in history.train]

# %% [markdown] tags=["topic-217"]
# $x_{max}$, here 100, is where $f$ stops growing. For a choice of it we draw $f$, fit vectors, and count the analogies
# that they solve ("king is to queen as man is to …"; the next section says how).
#
# **Predict.** If we set $x_{max}$ to 1, so that all pairs that ever met weigh the same, are more analogies solved or fewer?

# %%
questions = language.analogies()


def solve(x_max):
    E = glove.vectors(fit_vectors(x_max)[0])
    return embeddings.accuracy(E, vocab, questions)


def draw_weight(x_max):
    *scores, total = solve(x_max).values()
    figure, axes = plt.subplots(1, 2, figsize=(8, 2.6))
    x = np.geomspace(0.5, 1e4, 200)
    axes[0].semilogx(x, glove.weight(x, x_max), color=plots.BLUE)
    axes[0].set(xlabel="count x", ylabel="weight f(x)")
    shares = [score.accuracy for score in scores]
    axes[1].barh(list(questions), shares, color=plots.RED)
    axes[1].set(xlabel=f"share of analogies solved, {total.right} in all")
    return figure


# %% tags=["topic-217"]
plots.interact(
    draw_weight,
    see="f rises to 1 at 100; languages and capitals are solved best.",
    x_max=([1, 10, 100, 1000], 100),
)

# %% [markdown] tags=["topic-217"]
# And for $x_{max} = 1$ and 100:

# %% tags=["topic-217"]
[solve(x_max)["total"].right for x_max in (1, 100)]

# %% [markdown] tags=["topic-217"]
# **Explain.** Fewer. A pair that met once tells mostly of chance, and with $x_{max} = 1$ it weighs as much as one that met a
# thousand times. (With a live kernel, move the slider.)
#
# **In one line:** vectors by counting are a factorisation of log counts, each weighed by what it is worth.

# %% [markdown] tags=["topic-218"]
# ## Is a capital a direction?
#
# For seven countries and their capitals we draw the plane in which the fourteen vectors vary most, by PCA. Are the lines from
# country to capital alike? (The figure in deck T that shows this is from skip-gram vectors. This one is ours.)

# %%
E = glove.vectors(vectors)
couples = dict.fromkeys(question[:2] for question in questions["capital"])
names = [word for couple in couples for word in couple]
places = E[vocab.encode(names)]
plane = embeddings.project(None, places, "pca")

# %% tags=["topic-218"]
rng = np.random.default_rng(8)
figure, ax = plt.subplots(figsize=(6.4, 3.6))
ax.set(xlabel="first component", ylabel="second component")
plots.word_map(rng, places, names, method=plane, num_clusters=2, ax=ax)
for ends in plane.reshape(-1, 2, 2):
    ax.plot(*ends.T, color=plots.GREY, linewidth=0.8, zorder=0)

ax.set_title("")
plots.show(figure, see="all seven lines lead from left to right, much alike.")

# %% [markdown] tags=["topic-218"]
# In all 30 dimensions:

# %% tags=["topic-218"]
steps = places[1::2] - places[::2]
alike = embeddings.cosine(steps[:, None], steps[None])
others = alike[~np.eye(len(steps), dtype=bool)]
f"cosines of two steps: mean {others.mean():.2f}, least {others.min():.2f}"

# %% [markdown] tags=["topic-219"]
# If all steps were one, then paris $-$ france $+$ italy would be rome. So to solve "$a$ is to $b$ as $c$ is to …" we
# look for the word $x$, on vectors of length 1, with the largest
#
# $$\cos(x, b) - \cos(x, a) + \cos(x, c) . \tag{12}$$
#
# By custom the three words of the question cannot be the answer.
#
# **Predict.** If they can, which suffers more: king − queen with man − woman, or italy − italian with greece − greek?

# %% tags=["topic-219"]
strict = embeddings.accuracy(E, vocab, questions)
free = embeddings.accuracy(E, vocab, questions, exclude=False)
print(f"{'':13} excluded  allowed  asked")
for name, (right, asked, _) in strict.items():
    print(f"{name:13} {right:8} {free[name].right:8} {asked:6}")

# %% [markdown] tags=["topic-219", "topic-220"]
# **Explain.** Gender: nearly all is lost, and of languages nothing. By (12) the right answer $d$ beats $c$ itself if
#
# $$\cos(d, b) - \cos(c, b) - \cos(d, a) + \cos(c, a) > 1 - \cos(c, d) .$$
#
# On the left stands what the step from $a$ to $b$ says for $d$; on the right the lead that $c$ has, being nearest to itself. In the mean:

# %% tags=["topic-219"]
U = embeddings.normalise(E)
C = U @ U.T
nearest = (C - 2 * np.eye(V)).argmax(axis=1)
for name in ("gender", "language", "capital"):
    asked = [vocab.encode(question) for question in questions[name]]
    a, b, c, d = np.array(asked).T
    step = np.mean(C[d, b] - C[c, b] - C[d, a] + C[c, a])
    lead, alone = np.mean(1 - C[c, d]), np.sum(nearest[c] == d)
    print(f"{name:8} step {abs(step):.2f} lead {lead:.2f} nearest {alone}")

# %% [markdown] tags=["topic-219", "topic-220"]
# For capitals and languages the step is worth more than the lead. For gender it is worth nothing: to answer with the word nearest to $c$, without a look at
# $a$ and $b$, is right 50 times, the arithmetic 46 times. When you read an accuracy, ask whether the question's words were excluded, and what that simpler
# answer would have scored.
#
# **Find the slip.** Deck T shows a table headed as examples of analogies. One row says that Microsoft is to
# Ballmer as Google is to Yahoo; another that copper is to Cu as uranium is to plutonium. What is the table really?

# %% tags=["topic-220"]
rng = np.random.default_rng(9)
for name, asked in questions.items():
    row = f"{name:12}"
    for k in rng.choice(len(asked), 3, replace=False):
        *question, right = asked[k]
        (answer, _), *_ = embeddings.analogy(E, vocab, *question)
        mark = "right" if answer == right else f"not {right}"
        row += f" | {'-'.join(question)}: {answer} ({mark})"
    print(row)

# %% [markdown] tags=["topic-220"]
# It is what a *model answered*, right or wrong: Yahoo never was the head of Google, nor is plutonium the symbol of uranium. Our
# own table has its share of such answers, and many of the wrong ones are words of the right *kind*: a city for a city, a verb for a
# verb. A vector holds the company that a word keeps, and companies, metals and verbs keep company with their like.
#
# **In one line:** a wrong analogy is often a right neighbourhood.

# %% [markdown]
# ## What we now have
#
# | symbol | code | shape |
# |---|---|---|
# | $p(w \mid c)$, (4) to (6) | `ngram.add_delta`, `jelinek_mercer`, `witten_bell` | (V,) |
# | $R$; $W_h, b_h$; $W_o, b_o$ | `params["R"]`, `["hidden"]`, `["output"]` | (V, D); (M, 3D), (M,); (V, M), (V,) |
# | equations (7), (8) | `nlm.loss` and `grad`, or `backward` above | |
# | $X$ | `cooccurrence.count` | (V, V), sparse |
# | equations (9), (10) | `glove.cost`, `glove.fit_least_squares` | |
# | equations (11), (12) | `embeddings.cosine`, `embeddings.analogy` | |
#
# A model of sentences predicts the next word. Counting is exact on what was met and helpless elsewhere; shared vectors carry over. The
# same vectors can be had by factorising a table of counts.

# %% [markdown] tags=["topic-221"]
# ## Try
#
# 1. Count co-occurrences with `window=6`. How many of the 42 capitals are found now, and why?
# 2. Give the network 1,000 and 16,000 sentences, and the n-grams the same. Who gains more from more text?
# 3. Replace the hidden layer by direct connections (`nlm.init(…, direct=True)` has both). What is lost?
# 4. Sample from the network at temperatures 0.5, 1 and 2. What becomes of grammar?
#
# Assignment 6 goes on from here with the models of the decks' first programming assignment: an n-gram baseline, the
# gradients of both models, and analogies to interpret.
#
# ## Read
#
# - Bengio et al., "A neural probabilistic language model", *JMLR* 3 (2003)
# - Chen and Goodman, "An empirical study of smoothing techniques for language modeling" (1999)
# - Pennington, Socher and Manning, "GloVe: global vectors for word representation", *EMNLP* (2014)
# - Levy and Goldberg, "Linguistic regularities in sparse and explicit word representations", *CoNLL* (2014)
