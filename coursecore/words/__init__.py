"""Words: vocabularies, n-grams, neural language models, word vectors."""
