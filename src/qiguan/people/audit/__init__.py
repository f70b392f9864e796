"""操作记录: the chain over the audit log (seal, verify, erase lawfully) and what the auditor's page reads."""
