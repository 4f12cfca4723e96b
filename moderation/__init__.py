"""Reports, cases, decisions, appeals: the staff's desk."""
