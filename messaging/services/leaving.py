def end_what_is_open(member, actor):
    pass
