"""Write ``data/nhanes/low_counts_2003_2018.csv``: what eight cycles of the survey say of adults with a low count.

``python -m benchmarks.survey_estimates FILE``. FILE is one row an examined adult with a neutrophil count, made from the
public files of NHANES 2003-04 to 2017-18 (CDC); it is too large to travel with the project, so only these estimates
do, each with its design-based standard error. Columns used: cycle, age, sex (2 women), race (4 non-Hispanic Black),
wt_mec2yr, stratum, psu, anc, haemoglobin, mcv, platelets, lymphocytes, monocytes (counts in 10^9/L), alt, hiv, hbsag,
hcv_rna, drinks_per_day, rheumatoid_arthritis, methotrexate, azathioprine_mercaptopurine, mycophenolate, valproate,
antibiotic, other_culprit (2 frequent, 1 occasional).
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from model.validation.population.nhanes import FOLDER
from model.validation.population.survey import Design, share
from model.whole_file import whole_file

TARGET = Path(__file__).resolve().parents[1] / "data" / FOLDER / "low_counts_2003_2018.csv"
QUANTITIES = TARGET.with_name("low_count_quantities.csv")
HALF = 0.05  # the count is recorded to 0.1
DIGITS = 6
ALT_LIMIT = 40


def states(frame: pd.DataFrame) -> dict[tuple[str, str], pd.Series]:
    """Return (node, state) -> 1, 0 or not known, for every state that a quantity may name."""
    female = frame.sex == 2
    age = frame.age
    chronic = frame[["hiv", "hbsag", "hcv_rna"]]
    positive = chronic.max(axis=1).where(chronic.notna().all(axis=1))
    bands = {"under_40": age < 40, "40_to_64": (age >= 40) & (age < 65), "65_and_over": age >= 65}
    drinks = pd.Series(np.where(female, 2, 3), frame.index)  # over 14 a week (women) or 21 (men)
    one = {
        ("sex", "female"): female, ("sex", "male"): ~female,
        ("african_or_middle_eastern_ancestry", "present"): frame.race == 4,
        ("african_or_middle_eastern_ancestry", "absent"): frame.race != 4,
        ("anaemia", "present"): frame.haemoglobin < pd.Series(np.where(female, 12, 13), frame.index),
        ("macrocytosis", "present"): frame.mcv > 100,
        ("thrombocytopenia", "present"): frame.platelets < 150,
        ("lymphocytes", "low"): frame.lymphocytes < 0.95, ("lymphocytes", "high_or_atypical"): frame.lymphocytes > 4.05,
        ("monocytes", "low"): frame.monocytes < 0.15, ("monocytes", "high"): frame.monocytes > 1.05,
        ("liver_enzymes", "raised"): (frame.alt > 2 * ALT_LIMIT).where(frame.alt.notna()),
        ("chronic_virus_test", "positive"): positive,
        ("alcohol_excess", "present"): (frame.drinks_per_day > drinks).where(frame.drinks_per_day.notna()),
        ("rheumatoid_arthritis", "present"): frame.rheumatoid_arthritis,
        ("methotrexate", "present"): frame.methotrexate, ("valproate", "present"): frame.valproate,
        ("azathioprine", "present"): frame.azathioprine_mercaptopurine,
        ("mycophenolate", "present"): frame.mycophenolate,
        ("other_culprit_drug", "occasional"): (frame.other_culprit == 1).where(frame.other_culprit.notna()),
        ("other_culprit_drug", "frequent"): (frame.other_culprit == 2).where(frame.other_culprit.notna()),
    }  # fmt: skip
    return {key: value.astype(float) for key, value in one.items()} | {
        ("age_band", band): inside.astype(float) for band, inside in bands.items()
    }


def holds(known: dict[tuple[str, str], pd.Series], conditions: str, frame: pd.DataFrame) -> pd.Series:
    """Return who meets all conditions, node=state joined by ``;`` with alternatives by ``|``; NaN where not known."""
    found = pd.Series(0.0, frame.index)
    for alternative in conditions.split("|"):
        inside = pd.Series(1.0, frame.index)
        for condition in filter(None, (part.strip() for part in alternative.split(";"))):
            node, _, state = condition.partition("=")
            value = known[node, state]
            inside = (inside * value).where(value.notna() | (inside == 0))
        found = pd.concat([found, inside], axis=1).max(axis=1, skipna=False)
    return found


def estimate(frame: pd.DataFrame, row: dict[str, str]) -> dict[str, str]:
    """Return one row of the table: the share of those with the count, or the rate of the count, and how sure."""
    first, last = (int(year) for year in row["cycles"].split("-"))
    people = frame[(frame.cycle >= first) & (frame.cycle < last)].reset_index(drop=True)
    known = states(people)
    design = Design(people.wt_mec2yr, people.stratum, people.psu)
    low = ((people.anc > 0.95) & (people.anc < 1.45)).astype(float)
    part = np.clip(np.minimum(people.anc + HALF, 1.5) - np.maximum(people.anc - HALF, 1.0), 0, None) / (2 * HALF)
    given = holds(known, row["given"], people)
    if row["ages"]:
        youngest, oldest = (int(age) for age in row["ages"].split("-"))
        given = given * ((people.age >= youngest) & (people.age <= oldest))
    if row["kind"] == "risk":
        found = share(design, part.round(9), given.fillna(0))
    else:
        event = holds(known, row["event"], people)
        found = share(design, event.fillna(0), low * given.fillna(0) * event.notna())
    numbers = {"value": f"{found.value:.{DIGITS}g}", "se": f"{found.se:.{DIGITS}g}", "degrees": str(found.degrees),
               "people": str(found.people), "events": str(found.events)}  # fmt: skip
    return {"check": row["check"], **numbers}


def main() -> None:
    """Write the table."""
    frame = pd.read_csv(sys.argv[1], low_memory=False)
    with QUANTITIES.open(encoding="utf-8", newline="") as file:
        rows = [estimate(frame, row) for row in csv.DictReader(file)]
    with whole_file(TARGET) as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
