"""x"""
from dataclasses import dataclass
PAGES=()
def look(*a,**k): return ""
