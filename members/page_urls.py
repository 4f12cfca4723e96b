"""The pages of the members room."""

from django.urls import path

from members.views import blocks, confirm, join, look, me, my_data, password, second_step, sign_in, tokens, waiting

pages = [
    path("join/", join.you, name="join"),
    path("join/area/", join.area, name="join_area"),
    path("join/not-yet/", join.not_yet, name="not_yet"),
    path("join/why/", join.why, name="join_why"),
    path("join/check-email/", join.check_email, name="check_email"),
    path("join/confirm/<str:link>/", confirm.confirm, name="confirm"),
    path("join/new-link/", confirm.new_link, name="new_link"),
    path("join/new-link/sent/", confirm.new_link_sent, name="new_link_sent"),
    path("login/", sign_in.sign_in, name="sign_in"),
    path("login/code/", second_step.code, name="code"),
    path("login/second-step/", second_step.second_step, name="second_step"),
    path("login/recovery-codes/", second_step.recovery_codes, name="recovery_codes"),
    path("logout/", sign_in.sign_out, name="sign_out"),
    path("password/forgot/", password.forgot, name="forgot"),
    path("password/sent/", password.forgot_sent, name="forgot_sent"),
    path("password/new/<str:person>/<str:token>/", password.new_password, name="new_password"),
    path("waiting/", waiting.waiting, name="waiting"),
    path("waiting/answer/", waiting.answer, name="answer"),
    path("waiting/send-again/", waiting.send_again, name="send_again"),
    path("my-data/", my_data.my_data, name="my_data"),
    path("my-data/download/", my_data.my_data_file, name="my_data_file"),
    path("me/", me.me, name="me"),
    path("me/password/", password.change, name="change_password"),
    path("me/sign-out-elsewhere/", me.sign_out_elsewhere, name="sign_out_elsewhere"),
    path("me/tokens/", tokens.tokens, name="tokens"),
    path("me/tokens/<uuid:token_id>/revoke/", tokens.revoke, name="revoke_token"),
    path("me/blocked/", blocks.blocked, name="blocked"),
    path("people/<uuid:member_id>/block/", blocks.block, name="block"),
    path("people/<uuid:member_id>/unblock/", blocks.unblock, name="unblock"),
    path("look/", look.look, name="look"),
]
