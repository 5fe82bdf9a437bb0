-- Registers, version 3: patches pushed from above. A delivery is one import of a batch; a patch as first stated or corrected is one row.

CREATE TABLE pushed_deliveries (
    batch TEXT NOT NULL,
    delivery INTEGER NOT NULL,
    received_at TEXT NOT NULL,
    source TEXT NOT NULL,
    source_hash TEXT NOT NULL,
    actor TEXT NOT NULL,
    changed INTEGER NOT NULL,
    total INTEGER NOT NULL,
    PRIMARY KEY (batch, delivery)
) WITHOUT ROWID;
CREATE TABLE pushed_patches (
    batch TEXT NOT NULL,
    number TEXT NOT NULL,
    delivery INTEGER NOT NULL,
    superseded_by INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (batch, number, delivery),
    FOREIGN KEY (batch, delivery) REFERENCES pushed_deliveries (batch, delivery)
) WITHOUT ROWID;
