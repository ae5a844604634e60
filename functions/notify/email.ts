// E-mail by SMTP, through the town's own mail server (settings: secret `smtp`). Encrypted always, by STARTTLS or from
// the first byte; without only to this machine. The Message-ID comes from the message, so that a mail sent twice shows
// once in most programs. No address is kept in an outcome.
import { createTransport } from 'nodemailer';
import { smtpOf, type EmailChannel } from './channels.ts';
import type { Adapter } from './message.ts';
import { harmless, type Outcome } from './outcome.ts';
import { noticeText, titleOf } from './text.ts';

interface SmtpError extends Error {
  code?: string;
  responseCode?: number;
  response?: string;
}

export const email: Adapter<EmailChannel> = {
  perMinute: 60,
  most: 200,
  fits: () => true,
  send: async ({ to }, message, { readSecret, timeoutMs }) => {
    const smtp = smtpOf(await readSecret('smtp'));
    const secrets = [
      ...to,
      smtp.from,
      ...(smtp.user === undefined ? [] : [smtp.user]),
      ...(smtp.password === undefined ? [] : [smtp.password]),
    ];
    const transport = createTransport({
      host: smtp.host,
      port: smtp.port,
      secure: smtp.security === 'tls',
      requireTLS: smtp.security === 'starttls',
      ignoreTLS: smtp.security === 'none',
      ...(smtp.ca !== undefined && { tls: { ca: smtp.ca } }),
      ...(smtp.user !== undefined && { auth: { user: smtp.user, pass: smtp.password ?? '' } }),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
    });
    try {
      const info = await transport.sendMail({
        from: smtp.from,
        to,
        subject: titleOf(message),
        text: noticeText(message),
        messageId: `<${message.id}@${smtp.from.replace(/^.*@|>$/g, '')}>`,
        headers: { 'auto-submitted': 'auto-generated' },
      });
      const refused = info.rejected.length === 0 ? '' : `; ${info.rejected.length} of ${to.length} addresses refused`;
      return { kind: 'taken', answer: harmless(`${info.response}${refused}`, secrets) };
    } catch (thrown) {
      return outcomeOf(thrown as SmtpError, secrets);
    } finally {
      transport.close();
    }
  },
};

/** 5xx and a refused sign-in stay as they are until somebody changes something (RFC 5321 section 4.2.1); everything else may pass. */
function outcomeOf({ code, responseCode, response, message }: SmtpError, secrets: readonly string[]): Outcome {
  const error = harmless(`${code ?? 'SMTP'}: ${response ?? message}`, secrets);
  const forGood =
    responseCode === undefined ? code === 'EAUTH' || code === 'ENOAUTH' || code === 'ETLS' : responseCode >= 500;
  return forGood ? { kind: 'refused', error } : { kind: 'again', error };
}
