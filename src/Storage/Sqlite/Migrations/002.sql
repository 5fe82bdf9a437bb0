-- Registers, version 2: which observation file the cursors on observations belong to.

CREATE TABLE observation_file (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    incarnation TEXT NOT NULL
);
