"""Reading what members write, before others do: rules, what they found, how good they are."""
