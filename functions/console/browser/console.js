// Progressive enhancement only: every page works without this file. A form that was sent is not sent again by a second click (the
// server would do it once anyway); one that cannot reach the platform stays on the page with everything that was typed, instead of giving
// way to the browser's own error page; and faults are where the reader is taken first.
const SESSION = '/console/inspect/session';

for (const form of document.querySelectorAll('form[data-once]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent === 'yes') {
      event.preventDefault();
      return;
    }
    form.dataset.sent = 'yes';
    for (const button of form.querySelectorAll('button')) button.setAttribute('aria-disabled', 'true');
    if (navigator.onLine && !('stays' in form.dataset)) return;
    event.preventDefault();
    void sendOrStay(form);
  });
}

async function sendOrStay(form) {
  const why = await whyNot(form);
  if (why === undefined) HTMLFormElement.prototype.submit.call(form);
  else stay(form, why);
}

/** Why a form cannot be sent now; undefined when it can. The token of a session that began meanwhile is put into it. */
async function whyNot(form) {
  let answer;
  try {
    answer = await fetch(SESSION, { headers: { accept: 'application/json' }, cache: 'no-store' });
  } catch {
    return '没有网络，没有提交。所填内容都还在本页，有网络时请再提交一次。';
  }
  if (answer.status === 401) return '登录已过期，没有提交。请在另一个页面登录后回到本页再提交，所填内容不会丢。';
  const { person, csrf } = await answer.json().catch(() => ({}));
  if (csrf && person === document.querySelector('[data-person]')?.dataset.person) form.elements.csrf.value = csrf;
  return undefined;
}

function stay(form, why) {
  again(form);
  document.querySelector('.faults')?.remove();
  const said = document.createElement('div');
  said.className = 'faults';
  said.setAttribute('role', 'alert');
  said.tabIndex = -1;
  said.append(why);
  form.before(said);
  said.focus();
}

function again(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll('button')) button.removeAttribute('aria-disabled');
}

// Coming back with the browser's own button: the form can be sent again.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll('form[data-once]')) again(form);
});
document.querySelector('.faults')?.focus();
// Whoever signs out leaves no pages of 检查 on the device; drafts that were not sent stay for who wrote them.
if (location.pathname === '/console/signed-out' && 'caches' in window) void caches.delete('daocha-inspect');
