// How a dossier writes things: town time, names of organisations and posts, and text that is safe in XML.
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as it may stand in XML 1.0: special characters escaped, what XML has no place for left out. */
export function escapeXml(text: string): string {
  return cleanText(text).replaceAll(/[&<>"]/g, (character) => ENTITIES[character]!);
}

/** Without the control characters that XML 1.0 forbids (2.2): a document with one of them cannot be opened. */
export function cleanText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are the very characters meant
  return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
}
