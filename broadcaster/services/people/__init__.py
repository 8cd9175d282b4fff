"""Who acts: accounts, deputies, second factors, and who speaks which language."""
