namespace Monitoring.Domain.Land;

/// <summary>How sensitive the data of a layer are: the three grades of the Data Security Law (数据安全法, 2021, article 21), least first.</summary>
public enum DataGrade
{
    /// <summary>一般数据</summary>
    General,

    /// <summary>重要数据</summary>
    Important,

    /// <summary>核心数据</summary>
    Core,
}
