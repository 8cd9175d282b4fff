"""From an approved announcement and its schedules to airings and deliveries, and how they end."""
