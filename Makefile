# Every command of the course; `make` alone lists them.
# make PYTHON=python3.12 ... chooses the interpreter that .venv is built with.

# nbgrader starts other programs by name, so those of .venv come first.
python = PATH="$$PWD/.venv/bin:$$PATH" .venv/bin/python

.PHONY: help .venv course test lab notebooks reproduce banks bench-engine bench-training bench-words lint lock clean

help:
	@echo 'make COMMAND, where COMMAND is one of'
	@awk -F ':.*## ' '/^[a-z-]+:/ && $$2 {printf "  %-14s %s\n", $$1, $$2}' Makefile

.venv:
	@sh setup.sh

course: .venv ## mark a sample class, or your own: make course CLASS=path
	@$(python) -m coursegrader course $${CLASS+"$$CLASS"}

test: .venv ## run every test
	@$(python) -m pytest

lab: .venv ## open the lectures in JupyterLab
	@$(python) -m jupyterlab --LabApp.default_url=/lab/tree/lectures

notebooks: .venv ## build lectures, solutions and assignments from text/
	@$(python) -m coursegrader notebooks

reproduce: .venv ## run the lectures on other threads and processors, and compare
	@$(python) -m coursegrader reproduce

banks: .venv ## mark the banks of right and wrong answers
	@$(python) -m coursegrader banks

bench-engine: .venv ## measure the engine against hand-written NumPy and its peers
	@$(python) benchmarks/engine.py

bench-training: .venv ## measure training against PyTorch, JAX and scikit-learn
	@$(python) benchmarks/training.py

bench-words: .venv ## measure counting, GloVe and language models
	@$(python) benchmarks/words.py

lint: .venv ## check the style with ruff
	@$(python) -m ruff check
	@$(python) -m ruff format --check

lock: .venv ## pin what pyproject.toml asks for; UPGRADE=1 takes newer versions
	@$(python) -m venv build/uv && build/uv/bin/pip install --quiet uv
	@build/uv/bin/uv pip compile --quiet --universal --python-version 3.11 \
	    --fork-strategy fewest --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url $(if $(UPGRADE),--upgrade) --extra lab --extra grade \
	    --extra dev --output-file requirements.lock pyproject.toml >/dev/null

clean: ## delete what can be made again; .venv and classes' gradebooks stay
	@rm -rf build/uv build/sample-class build/course/sample .hypothesis .pytest_cache .ruff_cache coursecore.egg-info
	@find . -name .venv -prune -o -name __pycache__ -prune -exec rm -rf {} +
