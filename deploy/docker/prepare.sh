#!/bin/sh
# What the engine steers by: prepare.sh POLICY MODEL SNAPSHOT OUT. Again after every change of the policy; a running
# engine takes it up by itself. UNSAY_INDEX_KEY is the gateway's.
set -eu
policy=$1 model=$2 snapshot=$3 out=$4
: "${UNSAY_INDEX_KEY:?expected the index key in the environment}"
unsay index build "$policy" --out "$snapshot"
unsay steer build "$policy" --tokenizer "$model" --snapshot "$snapshot" --out "$out/artefact"
unsay steer train "$policy" --tokenizer "$model" --out "$out/divergence"
