"""账号登记: accounts, filings, custody, returns, imported spreadsheets."""
