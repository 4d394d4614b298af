/** Fields that every record of the admin plane carries. */
export interface AdminRecord {
  readonly id: string;
  readonly organizationId: string;
  readonly archived: boolean;
  readonly createdAt: string;
  readonly updatedAt: string | null;
}
