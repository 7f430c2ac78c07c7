"""Outbox rows become messages become deliveries."""
