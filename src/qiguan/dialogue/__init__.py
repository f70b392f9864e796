"""民情互动: citizens write to a unit and read the answer by a code; a person routes what the machine cannot; nobody judges a complaint about himself."""
