"""Addresses of the features room."""

from django.urls import path

from features import api

urlpatterns = [path("api/features", api.Features.as_view())]
