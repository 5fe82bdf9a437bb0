-- Registers, version 6: the risk map is asked for by region; findings of one rule by time.

DROP TABLE risk_parcels;
DELETE FROM risk_picture;
CREATE TABLE risk_parcels (
    parcel_id TEXT NOT NULL PRIMARY KEY,
    region_code TEXT,
    risk REAL NOT NULL,
    body TEXT NOT NULL,
    min_x REAL NOT NULL, max_x REAL NOT NULL, min_y REAL NOT NULL, max_y REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX risk_parcels_by_risk ON risk_parcels (risk DESC, parcel_id);

CREATE INDEX findings_of_rule ON findings (rule_id, phenomenon_end);

-- From when on a patch was known: its first judgement, however often it is judged again.
ALTER TABLE patches ADD COLUMN known_at TEXT;
UPDATE patches SET known_at = (SELECT min(j.judged_at) FROM judgements j WHERE j.patch = patches.patch);
CREATE INDEX patches_by_knowing ON patches (known_at);

-- Alerts in the order of likelihood: the newest score of each finding, and which finding an alert stands on.
CREATE TABLE newest_scores (
    finding_id TEXT NOT NULL PRIMARY KEY,
    as_of TEXT NOT NULL,
    likely_group INTEGER NOT NULL,
    probability REAL NOT NULL
) WITHOUT ROWID;
INSERT INTO newest_scores (finding_id, as_of, likely_group, probability)
SELECT finding_id, as_of, CASE json_extract(body, '$.triage') WHEN 'setAside' THEN 2 ELSE 0 END, json_extract(body, '$.probability')
FROM candidate_scores c WHERE as_of = (SELECT max(o.as_of) FROM candidate_scores o WHERE o.finding_id = c.finding_id);
ALTER TABLE alerts ADD COLUMN finding_id TEXT;
UPDATE alerts SET finding_id = json_extract(body, '$.findingId');
