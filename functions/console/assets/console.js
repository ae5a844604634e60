// Progressive enhancement only: every page works without this file. A form that was sent is not sent again by a second click (the
// server would do it once anyway), and faults are where the reader is taken first.
for (const form of document.querySelectorAll('form[data-once]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent === 'yes') {
      event.preventDefault();
      return;
    }
    form.dataset.sent = 'yes';
    for (const button of form.querySelectorAll('button')) button.setAttribute('aria-disabled', 'true');
  });
}
// Coming back with the browser's own button: the form can be sent again.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll('form[data-once]')) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll('button')) button.removeAttribute('aria-disabled');
  }
});
document.querySelector('.faults')?.focus();
// Whoever signs out leaves no pages of 检查 on the device; drafts that were not sent stay for who wrote them.
if (location.pathname === '/console/signed-out' && 'caches' in window) void caches.delete('daocha-inspect');
