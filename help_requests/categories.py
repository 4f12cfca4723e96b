"""What people ask for: the topics, the kinds within each, and the words for them. The one table of it."""

from dataclasses import dataclass, field

OTHER = "other"


@dataclass(frozen=True)
class Category:
    slug: str
    label: str
    # The topic inside a sentence: “Ben offered to help with groceries.”
    noun: str
    icon: str
    kinds: dict[str, str] = field(default_factory=dict)


CATEGORIES = (
    Category(
        "health-caregiving",
        "Health and caregiving",
        "caregiving",
        "care",
        {
            "appointment-advocacy": "Going along to the doctor",
            "caregiving-tasks": "Caregiving tasks",
            "medical-task-guidance": "Learning a medical task",
            "medical-supplies": "Supplies and prescriptions",
            "respite": "A break for the caregiver",
            OTHER: "Something else",
        },
    ),
    Category(
        "groceries-meals",
        "Groceries and meals",
        "groceries or meals",
        "basket",
        {
            "shopping-delivery": "Shopping and delivery",
            "meal-preparation": "Cooking a meal",
            OTHER: "Something else",
        },
    ),
    Category(
        "transportation-errands",
        "Rides and errands",
        "a ride or an errand",
        "car",
        {
            "errands": "Errands",
            "prescription-pickup": "Picking up a prescription",
            "rides": "A ride to an appointment",
            OTHER: "Something else",
        },
    ),
    Category(
        "household-yard",
        "House and yard",
        "house or yard work",
        "yard",
        {
            "cleaning-laundry": "Cleaning and laundry",
            "pets": "Pets",
            "minor-repairs": "Small repairs",
            "moving-packing": "Moving and packing",
            "snow": "Snow",
            "yard": "Yard work",
            OTHER: "Something else",
        },
    ),
    Category(
        "technology-administrative",
        "Technology and paperwork",
        "technology or paperwork",
        "device",
        {
            "explaining-information": "Medical or legal papers",
            "insurance-finances": "Insurance and money papers",
            "bills-mail": "Bills and mail",
            "devices": "Phones and other devices",
            "teaching-technology": "Learning technology",
            "translation": "Translation",
            OTHER: "Something else",
        },
    ),
    Category(
        "social-companionship",
        "Company",
        "company",
        "cup",
        {
            "attending-events": "Going to an event",
            "visits-walks": "Visits and walks",
            "check-ins": "Phone or video calls",
            OTHER: "Something else",
        },
    ),
    Category(OTHER, "Something else", "something else", "heart"),
)
BY_SLUG = {category.slug: category for category in CATEGORIES}
SLUGS = list(BY_SLUG)
KINDS = sorted({kind for category in CATEGORIES for kind in category.kinds})
LABELS = [(category.slug, category.label) for category in CATEGORIES]


def fits(category: str, kind: str) -> bool:
    """Whether the kind is one of that topic; none at all always is."""
    return kind == "" or kind in BY_SLUG[category].kinds
