// Shows what arrives for a resident's browser, and opens its page when it is touched.
addEventListener("push", (event) => {
  const { title, text, tag, language, link, urgent } = event.data.json();
  const shown = { body: text, tag, lang: language, data: link, renotify: true, requireInteraction: urgent };
  event.waitUntil(registration.showNotification(title, { ...shown, icon: "/static/icon-192.png" }));
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(clients.openWindow(event.notification.data));
});
