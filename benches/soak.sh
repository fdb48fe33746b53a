#!/usr/bin/env bash
# Kills nightly runs at random moments and looks whether anything differs for it.
#
#     benches/soak.sh target/release/claimstream 3
#
# Makes one small night after the other, with voids and replacements of earlier ones, and gives
# each to two histories: to one undisturbed, to the other in runs of which some are killed
# (kill -9) at a random moment, until one ends by itself. After every night the determinations,
# the work queue and the errors of both must be the same; after every killed run the history
# must be whole; at the end both histories must hold the same sessions and the same open lines.
#
# Arguments: the binary, and for how many minutes. SOAK_SEED repeats the same nights, though not
# the same moments. Prints how many of how many runs were killed. Exit status 1 if something
# differed; what did is then left in the folder named.
set -euo pipefail

binary=$(realpath "${1:?the binary}")
minutes=${2:?for how many minutes, a whole number}
seed=${SOAK_SEED:-1}
RANDOM=$seed
folder=$(mktemp -d)
mkdir "$folder/calm" "$folder/killed"
end=$((SECONDS + minutes * 60))
nights=0 runs=0 kills=0 kept=0

# Writes night $1: some hundreds of claims of few members, so that sessions meet over the nights.
# Claim i of night n has a number and a member that follow from i and n alone; a void or a
# replacement can thus name a claim of the night before.
night() {
    awk -v night="$1" -v seed="$seed" '
    function put(segment) { printf "%s~\n", segment; segments++ }
    function date(day,    month) {
        # 2026 from April on, by months of 28 days.
        month = 4 + int(day / 28) % 9
        return sprintf("2026%02d%02d", month, day % 28 + 1)
    }
    function member(n, i) { return sprintf("U9%07d", (n * 37 + i * 11 + seed) % 900) }
    function claim(number, frequency, id, day, code, diagnosis) {
        level++
        put("HL*" level "*1*22*0")
        put("SBR*P*18*******CI")
        put("NM1*IL*1*DOE*PAT****MI*" id)
        put("NM1*PR*2*PAYER*****PI*62308")
        put("CLM*" number "*150***11:B:" frequency "*Y*A*Y*Y")
        if (frequency > 1) put("REF*F8*" number)
        put("HI*ABK:" diagnosis)
        put("LX*1")
        put("SV1*HC:" code "*150*UN*1***1")
        put("DTP*472*D8*" date(day))
        put("REF*6R*" number "-" night)
    }
    BEGIN {
        srand(seed * 100003 + night)
        control = sprintf("%09d", night)
        printf "ISA*00*          *00*          *ZZ*CLINIC         *ZZ*CLAIMSTREAM    "
        printf "*261231*0600*^*00501*%s*0*P*:~\n", control
        printf "GS*HC*CLINIC*CLAIMSTREAM*20261231*0600*%d*X*005010X222A1~\n", night
        put("ST*837*0001*005010X222A1")
        put("BHT*0019*00*N" night "*20261231*0600*CH")
        put("NM1*41*2*CLINIC*****46*S1")
        put("PER*IC*HELP*TE*5015550100")
        put("NM1*40*2*CLAIMSTREAM*****46*R1")
        put("HL*1**20*1")
        put("NM1*85*2*CLINIC*****XX*1234567893")
        put("REF*EI*123456789")
        level = 1
        count = 100 + int(rand() * 900)
        for (i = 0; i < count; i++) {
            code = rand() < 0.6 ? "2055" (2 + int(rand() * 2)) : (rand() < 0.5 ? "76942" : "99213")
            diagnosis = rand() < 0.9 ? "M7918" : "J069"
            claim("N" night "C" i, 1, member(night, i), int(rand() * 250), code, diagnosis)
            if (night > 1 && i < 100 && rand() < 0.3)
                claim("N" night - 1 "C" i, rand() < 0.5 ? 7 : 8, member(night - 1, i),
                    int(rand() * 250), "20552", "M7918")
        }
        put("SE*" segments + 1 "*0001")
        printf "GE*1*%d~\nIEA*1*%s~\n", night, control
    }'
}

# Becomes a run that gives the night to the history in folder $1; its outputs go there too.
adjudicate() {
    cd "$folder/$1"
    exec "$binary" adjudicate ../night.837 --policy cigna-0139 --history history \
        --out out.jsonl --pends pends.csv --errors errors.jsonl --summary summary.json 2>words
}

fail() {
    echo "night $nights, after $kills kills in $runs runs: $*; see $folder" >&2
    exit 1
}

whole() {
    local said
    # A first run that was killed leaves nothing, or an empty file.
    if [ "$nights" = 1 ]; then
        # Looking at it undoes what was cut off.
        "$binary" history check --history "$folder/$1/history" >/dev/null 2>&1 || true
        [ -s "$folder/$1/history" ] || return 0
    fi
    said=$("$binary" history check --history "$folder/$1/history" 2>&1) || fail "$1: $said"
}

now() { echo $((${EPOCHREALTIME/./} / 1000)); }

while [ $SECONDS -lt $end ]; do
    nights=$((nights + 1))
    night $nights >"$folder/night.837"
    rm -f "$folder"/*/{out.jsonl,pends.csv,errors.jsonl}
    begun=$(now)
    status=0
    (adjudicate calm) || status=$?
    [ $status -le 1 ] || fail "an undisturbed run failed: $(cat "$folder/calm/words")"
    took=$(($(now) - begun))
    while :; do
        runs=$((runs + 1))
        adjudicate killed &
        process=$!
        # Sometimes it is over by then.
        moment=$((RANDOM * (took * 5 / 4 + 2) / 32768))
        sleep "$((moment / 1000)).$(printf '%03d' $((moment % 1000)))"
        kill -9 $process 2>/dev/null || true
        got=0
        { wait $process || got=$?; } 2>/dev/null
        if [ $got != 137 ]; then
            [ $got = $status ] || fail "a run ended with status $got: $(cat "$folder/killed/words")"
            break
        fi
        kills=$((kills + 1))
        whole killed
        for output in out.jsonl pends.csv errors.jsonl; do
            [ ! -e "$folder/killed/$output" ] ||
                cmp -s "$folder/calm/$output" "$folder/killed/$output" ||
                fail "a killed run left a part of $output"
        done
    done
    if grep -q "adjudicated before" "$folder/killed/words"; then kept=$((kept + 1)); fi
    for output in out.jsonl pends.csv errors.jsonl; do
        cmp "$folder/calm/$output" "$folder/killed/$output" || fail "$output differs"
    done
    [ ! -e "$folder/killed/history-journal" ] || fail "a journal is left"
done

whole killed
whole calm
for history in calm killed; do
    "$binary" history export --history "$folder/$history/history" >"$folder/$history/sessions"
    "$binary" history pends --history "$folder/$history/history" \
        --csv "$folder/$history/open.csv" >/dev/null
done
cmp "$folder/calm/sessions" "$folder/killed/sessions" || fail "sessions differ"
cmp "$folder/calm/open.csv" "$folder/killed/open.csv" || fail "open lines differ"
sessions=$(wc -l <"$folder/killed/sessions")
echo "$kills of $runs runs killed over $nights nights, $kept of them kept already;" \
    "$sessions sessions; nothing differed"
rm -r "$folder"
