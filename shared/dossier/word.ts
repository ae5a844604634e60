// The dossier (上报材料) as a Word document in Chinese.
import { Document, Paragraph, TextRun } from 'docx';
import type { CaseFile } from './gather.ts';
import { fixedBytes } from './fixed.ts';

export const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
export const DOSSIER_NAME = 'dossier.docx';

/** The same case file has the same bytes. */
export async function dossierDocument(file: CaseFile): Promise<Uint8Array> {
  const document = new Document({
    sections: [
      {
        children: [new Paragraph({ children: [new TextRun(`关于${file.unit.details!.name}隐患上报区级处理的材料`)] })],
      },
    ],
  });
  return fixedBytes(document, { title: '上报材料', creator: '专班办公室', at: file.calledAt });
}
